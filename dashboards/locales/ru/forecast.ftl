### Прогноз расходных материалов.

forecast-device = Устройство
forecast-supply = Расходник
forecast-level = Остаток
forecast-days = Дней
forecast-likely = Вероятно
forecast-date = Кончится
forecast-stage = Основание
forecast-replaced = Замены
forecast-stage-no-data = нет данных
forecast-stage-by-rating = по паспорту
forecast-stage-by-counter = по счётчику
forecast-stage-by-level = по уровню
forecast-stage-settled = устоялось
forecast-stale = устарел
forecast-times = { $count ->
    [one] { $count } раз, последняя { $date }
    [few] { $count } раза, последняя { $date }
   *[many] { $count } раз, последняя { $date }
}
