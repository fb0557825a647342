### Заявки в поддержку.

tickets-open = Открытые
tickets-done = Решённые
tickets-all = Все
tickets-search = Устройство, узел, слова заявки
tickets-find = Найти
tickets-empty = Заявок нет
tickets-empty-next = Неисправность устройства откроет заявку сама. Если о ней сказал человек — создайте её кнопкой выше.
tickets-not-found = Ничего не нашлось
tickets-not-found-next = Ищите по части слова, имени устройства или смотрите вкладку «Все».
ticket-new = Новая заявка в поддержку
ticket-number = ЗП-{ $value }
ticket-title = Заявка
ticket-device = Устройство
ticket-priority = Приоритет
ticket-status = Состояние
ticket-opened = Открыта
ticket-class = Вид
ticket-class-down = не отвечает
ticket-class-repair = ремонт
ticket-class-configuration = настройка
ticket-class-reported = сообщил человек
ticket-priority-1 = филиал стоит
ticket-priority-2 = работа стоит
ticket-priority-3 = работа идёт хуже
ticket-priority-4 = можно подождать
ticket-priority-5 = при случае
ticket-device-help = Имя, IP, серийный номер или кабинет
ticket-choose = Какое из них
ticket-which-device = Подходит несколько устройств: выберите одно.
ticket-no-device = Такого устройства нет. Ищите по части имени, IP или серийного номера.
ticket-what = Что случилось
ticket-what-help = Например: полосит, не печатает, жуёт бумагу
ticket-say-what = Напишите в двух словах, что случилось.
ticket-priority-help = P1 — филиал стоит, P5 — при случае
ticket-open = Создать
ticket-was-opened = Заявка создана: { $value }
ticket-other-status = Другое
ticket-do-new = Сделать новой
ticket-do-assigned = Назначена
ticket-do-in-progress = Взять в работу
ticket-do-waiting = Ждём запчасть или людей
ticket-do-resolved = Решена
ticket-do-closed = Закрыть
ticket-do-cancelled = Отменить
ticket-became = Состояние: { $value }
ticket-history = История
ticket-no-events = Записей ещё нет.
ticket-opened-event = Заявка открыта
ticket-by-itself = Anykey
ticket-comment = Комментарий
ticket-add-comment = Добавить
ticket-empty-comment = Комментарий пуст. Напишите хотя бы слово.
ticket-commented = Комментарий добавлен
ticket-id = Номер
ticket-resolved-at = Решена
ticket-reopened = Возвращалась
ticket-times = { $count ->
    [one] { $count } раз
    [few] { $count } раза
   *[many] { $count } раз
}
