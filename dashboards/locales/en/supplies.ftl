## Forecast of consumables

forecast-about = { $count ->
    [one] about { $count } day
   *[other] about { $count } days
}
forecast-soon = any day now
forecast-spent = replace now
forecast-year = more than a year
forecast-full = { $about } ({ $low }–{ $high }), by { $date }
supply-stale = from old readings
forecast-none = no forecast
forecast-ahead = forecast
forecast-why = What the forecast rests on
basis-steps = { $count ->
    [one] { $count } step of the gauge on this cartridge
   *[other] { $count } steps of the gauge on this cartridge
}
basis-cartridges = { $count ->
    [one] { $count } earlier cartridge here
   *[other] { $count } earlier cartridges here
}
basis-peers = { $count ->
    [one] experience of { $count } device like it
   *[other] experience of { $count } devices like it
}
basis-pages-per-day = { $value } pages a working day
basis-pages-per-cartridge = { $value } pages a cartridge
basis-share-per-day = { $value } a working day
basis-stale = nothing new for { $count ->
    [one] { $count } working day
   *[other] { $count } working days
}
supplies-tab = When they run out
supplies-needs-tab = What to order
supplies-runs-out = Runs out
supplies-stage = Rests on
supplies-shelf = On the shelf
supplies-shelf-none = none in stock
supplies-shelf-unknown = no article chosen
supplies-empty = No supplies yet
supplies-empty-next = They appear when printers have answered.
supplies-none = Nothing found
supplies-none-next = Change the search or the filter.
supplies-search = Device, place, article
supplies-count = { $count ->
    [one] { $count } supply
   *[other] { $count } supplies
}
supplies-week = next 7 days
supplies-month = next 30 days
supplies-all = all
supply-on-shelf = { $value } on the shelf

## Purchase plan

plan-title = Why so many
plan-help = How many pieces the devices will ask for until the next order arrives, against what is there and on its way.
plan-horizon = Must last for
plan-lead-promised = ordered weekly, delivered within { $value } as promised
plan-lead-learnt = ordered weekly, delivered within { $days } by { $orders } earlier orders
plan-expected = Asked for on average, pieces
plan-order-up-to = To suffice with { $value }, pieces
plan-on-hand = In the store, pieces
plan-reserved = Reserved, pieces
plan-ordered = Ordered already, pieces
plan-in-transit = On its way from another store, pieces
plan-buy = Buy, pieces
plan-pack = { $count ->
    [one] packs of { $count } piece
   *[other] packs of { $count } pieces
}
plan-risk = Risk that somebody cannot print: not bought → bought
plan-chance = Changed within { $days }: { $chance }
plan-moved = Move from other stores, pieces
plan-ending = The article is no longer made: only what will surely be used is bought.
need-waits-for-money = { $value }: waits for money
need-move = move
need-moves-title = Move before buying
need-move-spare = { $article }, { $count } pcs: spare in the store “{ $store }”, move it
need-move-travels = { $article }, { $count } pcs: on its way from “{ $store }”
need-move-or-buy = not sent within five days, or dropped, it is ordered
need-move-open = To the transfer
need-closed-covered = enough in the store
need-closed-well-again = well again
need-closed-merged = became part of another
supply-guess = { $value } was found by itself. Does it fit?
forecast-readings = The last readings
reading-when = When
reading-level = Level
