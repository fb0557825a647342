### Расходники и заказы.

tabs-label = Виды списка
actions = Действия
remove = Удалить

## Расходники

needs-current = Нужно сейчас
needs-without-article = Артикул не назван
needs-closed = Закрытые
needs-empty = Ничего не кончается
needs-empty-next = Когда тонер или другой расходник дойдёт до порога, он появится здесь, а строка заказа — в черновике.
needs-none-closed = Закрытых потребностей ещё нет
needs-none-closed-next = Здесь останется история: что кончалось и чем закончилось.
needs-all-named = У каждой потребности есть артикул
needs-all-named-next = Если Anykey не узнает картридж, он спросит здесь.
need-what = Что нужно
need-where = Где
need-level = Остаток
need-quantity = Кол-во
need-state = Что дальше
need-opened = С какого времени
need-branch = Филиал
need-number = Потребность № { $value }
need-no-article = артикул не назван
need-more-devices = { $count ->
    [one] и ещё { $count } устройство
    [few] и ещё { $count } устройства
   *[many] и ещё { $count } устройств
}
need-name-article = Назовите артикул
need-name-supplier = Назовите поставщика
need-open = Ждёт заказа
need-closed-done = закрыта
need-closed-replaced = заменён
need-closed-received = получено
need-why-title = Почему
need-why = При открытии было { $value }
need-why-threshold = При открытии было { $value }, порог { $threshold }
need-no-reasons = Показаний больше нет: расходник заменили или устройство списано.
need-order-title = Заказ
need-open-order = Открыть заказ { $value }
need-answer-title = Чем закрыть
need-supplier-missing = У артикула нет поставщика, поэтому он не попал в заказ.
need-set-supplier = Указать поставщика
need-no-catalogue = Каталог артикулов пуст. Добавьте артикул: данные устройства подставятся сами.
need-new-article = Новый артикул
need-article = Артикул
need-article-fits = Сначала те, что подходят к этому устройству
need-article-none-fits = Ни один артикул не отмечен как подходящий: проверьте перед выбором
need-set-article = Назначить
need-choose-article = Выберите артикул из списка.
need-article-set = Артикул назначен
need-dismiss-title = Не заказывать
need-reason = Причина
need-reason-help = Например: есть на складе; устройство спишем
need-say-why = Напишите причину: она останется в истории.
need-dismiss = Закрыть без заказа
need-dismissed = Потребность закрыта без заказа

## Заказы

orders-all = Все
orders-draft = Черновики
orders-approved = Утверждённые
orders-sent = Отправленные
orders-confirmed = Подтверждённые
orders-partly-received = Частично полученные
orders-closed = Закрытые
orders-cancelled = Отменённые
orders-empty = Заказов ещё нет
orders-empty-next = Черновик появится сам, когда кончится расходник, у которого есть артикул и поставщик.
orders-no-drafts = Утверждать нечего
orders-no-drafts-next = Все черновики утверждены. Новый появится сам, когда что-то кончится.
order-number = Номер
order-supplier = Поставщик
order-status = Состояние
orders-lines = Строк
order-total = Сумма без НДС
order-created = Создан
order-approved-by = Утвердил
order-at-least = от { $value }
order-mail-failed = не отправлен
order-title = Заказ { $value }
order-save = Сохранить количество
order-approve = Утвердить и отправить
order-cancel = Отменить заказ
order-more = Ещё
order-print = Для печати
order-mail-will = После утверждения заказ уйдёт письмом на { $value }.
order-mail-waiting = Письмо на { $value } ждёт отправки.
order-mail-sent = Письмо отправлено на { $value }
order-mail-not-sent = Письмо на { $value } не ушло.
order-webhook-will = После утверждения заказ уйдёт на вебхук поставщика.
order-webhook-waiting = Вызов вебхука { $value } ждёт отправки.
order-webhook-sent = Заказ передан на вебхук { $value }
order-webhook-not-sent = Вебхук { $value } не принял заказ.
order-mail-attempts = { $count ->
    [one] { $count } попытка.
    [few] { $count } попытки.
   *[many] { $count } попыток.
}
order-mail-next = Следующая { $value }.
mail-advice-not-set = Почтовый сервер не задан: добавьте раздел [smtp] в файл настроек и перезапустите Anykey.
mail-advice-login = Почтовый сервер не принял логин или пароль: проверьте их в разделе [smtp].
mail-advice-recipient = Сервер получателя не принимает этот адрес: проверьте почту поставщика.
mail-advice-tls = Не удалось установить защищённое соединение: проверьте имя сервера и сертификат.
mail-advice-unreachable = Почтовый сервер недоступен: проверьте адрес, порт и сеть. Письмо не потеряно.
webhook-advice = Заказ не потерян, Anykey повторит сам. Адрес и секрет вебхука — в карточке поставщика.
mail-advice-other = Письмо не потеряно, Anykey повторит сам.
order-lines-count = { $count ->
    [one] { $count } строка
    [few] { $count } строки
   *[many] { $count } строк
}
order-no-lines = Строк больше нет: потребности закрылись или их сняли.
order-article = Артикул
order-why = Для чего
order-price = Цена
order-vat = НДС
order-sum = Сумма
order-net = Без НДС
order-gross = Всего
order-no-price = нет цены
order-unpriced = { $count ->
    [one] { $count } строка без цены в сумму не вошла.
    [few] { $count } строки без цены в сумму не вошли.
   *[many] { $count } строк без цены в сумму не вошли.
}
order-supplier-article = артикул поставщика { $value }
order-quantity-of = Количество { $value }
order-wrong-quantity = Целое число от 0 до { $count }; 0 снимает строку.
order-approved-who = утвердил { $value }
order-saved = Заказ { $value } сохранён
order-was-approved = Заказ { $value } утверждён и отправляется
order-was-cancelled = Заказ { $value } отменён, потребности открыты снова
order-date = Дата
order-row = №
order-prepared = Подготовил
order-agreed = Согласовано
order-confirmed = Утверждаю
order-xlsx = XLSX
