### Сегодня.

today-todo = Сделать
today-done-title = На сегодня всё
today-done-next = Ни открытых заявок, ни заказов на утверждение. Здесь появится то, что потребует вас.
today-start-title = Начните с диапазона адресов
today-start-next = Назовите сеть филиала, например 10.4.2.0/24. Через пару минут здесь будут её принтеры и коммутаторы.
today-sweeping-title = Идёт обход сети
today-sweeping-next = Найденные устройства появятся здесь сами.
today-nothing-found-title = В диапазонах никто не ответил
today-nothing-found-next = Посмотрите, на каком шаге остановился обход: ping, SNMP или IPP. Чаще всего дело в community или межсетевом экране.
today-approve = Утвердить заказ { $number } · { $supplier }
today-receive = Принять заказ { $number } · { $supplier }
today-stuck = Заказ { $number } не ушёл · { $supplier }
today-article = Подобрать артикул: { $value }
today-refused = { $count ->
    [one] { $count } адрес не принял ни одной community
    [few] { $count } адреса не приняли ни одной community
   *[many] { $count } адресов не приняли ни одной community
}
today-proposed = { $count ->
    [one] Соседи называют ещё { $count } сеть
    [few] Соседи называют ещё { $count } сети
   *[many] Соседи называют ещё { $count } сетей
}
today-new = { $count ->
    [one] Найдено { $count } новое устройство за сутки
    [few] Найдено { $count } новых устройства за сутки
   *[many] Найдено { $count } новых устройств за сутки
}
today-low = Кончается
today-low-all = Все
low-ordered = заказ { $number }, { $status }
low-not-ordered = не заказан
today-availability = Доступность, 7 дней
today-open-tickets = Открытые заявки
today-failed = { $count ->
    [0] неисправных устройств нет
    [one] неисправно { $count } устройство
    [few] неисправны { $count } устройства
   *[many] неисправны { $count } устройств
}
today-supplies-low = Мало тонера
today-supplies-low-note = ниже порога, считая прочие расходники
today-not-polled = Не опрошено
today-not-polled-note = нет ответа на опрос больше часа
order-lines = { $count ->
    [one] { $count } строка
    [few] { $count } строки
   *[many] { $count } строк
}
order-total-at-least = от { $value }
open = Открыть
look = Посмотреть
approve = Проверить
receive = Принять
choose = Подобрать
