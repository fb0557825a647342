### Forecast of consumables.

forecast-device = Device
forecast-supply = Supply
forecast-level = Level
forecast-days = Days left
forecast-likely = Likely
forecast-date = Empty on
forecast-stage = Rests on
forecast-replaced = Replaced
forecast-stage-no-data = no data
forecast-stage-by-rating = rated yield
forecast-stage-by-counter = page counter
forecast-stage-by-level = level
forecast-stage-settled = settled
forecast-stale = stale
forecast-times = { $count ->
    [one] { $count } time, last { $date }
   *[other] { $count } times, last { $date }
}
