## Прогноз расходников

forecast-about = { $count ->
    [one] около { $count } дня
   *[other] около { $count } дней
}
forecast-soon = со дня на день
forecast-spent = пора менять
forecast-year = больше года
forecast-full = { $about } ({ $low }–{ $high }), к { $date }
supply-stale = по старым данным
forecast-none = нет прогноза
forecast-ahead = прогноз
forecast-why = Почему такой прогноз
basis-steps = { $count ->
    [one] { $count } шаг датчика на этом картридже
    [few] { $count } шага датчика на этом картридже
   *[many] { $count } шагов датчика на этом картридже
}
basis-cartridges = { $count ->
    [one] { $count } прошлый картридж здесь
    [few] { $count } прошлых картриджа здесь
   *[many] { $count } прошлых картриджей здесь
}
basis-peers = { $count ->
    [one] опыт { $count } такого же устройства
   *[other] опыт { $count } таких же устройств
}
basis-pages-per-day = { $value } стр. в рабочий день
basis-pages-per-cartridge = { $value } стр. с картриджа
basis-share-per-day = { $value } в рабочий день
basis-stale = нет новых данных { $count ->
    [one] { $count } рабочий день
    [few] { $count } рабочих дня
   *[many] { $count } рабочих дней
}
supplies-tab = Когда кончатся
supplies-needs-tab = Что заказать
supplies-runs-out = Кончится
supplies-stage = Основание
supplies-shelf = На складе
supplies-shelf-none = на складе нет
supplies-shelf-unknown = артикул не выбран
supplies-empty = Расходников пока нет
supplies-empty-next = Они появятся, когда принтеры ответят на опрос.
supplies-none = Ничего не нашлось
supplies-none-next = Измените поиск или фильтр.
supplies-search = Устройство, место, артикул
supplies-count = { $count ->
    [one] { $count } расходник
    [few] { $count } расходника
   *[many] { $count } расходников
}
supplies-week = ближайшие 7 дней
supplies-month = ближайшие 30 дней
supplies-all = все
supply-on-shelf = на складе { $value }

## План закупки

plan-title = Почему столько
plan-help = Сколько штук понадобится устройствам, пока не придёт следующий заказ, против того, что есть и едет.
plan-horizon = На сколько должно хватить
plan-lead-promised = заказ раз в неделю, поставка до { $value }, по обещанию
plan-lead-learnt = заказ раз в неделю, поставка до { $days } по { $orders } прошлым заказам
plan-expected = Понадобится в среднем, шт.
plan-order-up-to = Нужно иметь, чтобы хватило с вероятностью { $value }, шт.
plan-on-hand = На складе, шт.
plan-reserved = Зарезервировано, шт.
plan-ordered = Уже заказано, шт.
plan-in-transit = В пути с другого склада, шт.
plan-buy = Купить, шт.
plan-pack = { $count ->
    [one] в упаковке { $count } штука
    [few] в упаковке { $count } штуки
   *[many] в упаковке { $count } штук
}
plan-risk = Риск, что кто-то останется без печати: не купить → купить
plan-chance = Менять за { $days }: { $chance }
plan-moved = Переместить с других складов, шт.
plan-ending = Артикул больше не выпускают: берём только то, что точно понадобится.
need-waits-for-money = { $value }: ждёт денег
need-move = переместить
need-moves-title = Сначала переместить
need-move-spare = { $article }, { $count } шт.: лежит на складе «{ $store }», там лишнее — переместите
need-move-travels = { $article }, { $count } шт.: едет со склада «{ $store }»
need-move-or-buy = не отправите за пять дней или отбросите — закажем
need-move-open = К перемещению
need-closed-covered = на складе хватает
need-closed-well-again = снова в норме
need-closed-merged = вошла в другую
supply-guess = Артикул { $value } подобран сам. Подходит?
forecast-readings = Последние показания
reading-when = Когда
reading-level = Остаток
