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
ticket-do-waiting-user = Ждём пользователя
ticket-do-waiting-parts = Ждём запчасть
ticket-do-waiting-vendor = Ждём сервисный центр
ticket-do-waiting-approval = Ждём согласования
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
ticket-due = Срок
ticket-new-priority = Приоритет: { $value }
sla-title = Сроки SLA
sla-response = Реакция
sla-restore = Решение
sla-due = Срок
sla-target = Норма
sla-pauses = На паузе
sla-vendor = Ждали сервис
sla-felt = Прошло
sla-felt-both = { $working } рабочих, { $wall } всего
sla-left = осталось { $value }
sla-missed = просрочено на { $value }
sla-paused = пауза, осталось { $value }
sla-was-met = в срок: { $spent } из { $target }
sla-was-missed = с опозданием: { $spent } вместо { $target }
sla-step = Израсходовано { $value } % срока решения
sla-step-missed = Срок решения истёк
settings-service = SLA и календарь
service-targets = Цели SLA
service-targets-help = Часы и минуты рабочего времени филиала, например 0:30 или 8:00. Новые цели действуют сразу и для открытых заявок.
service-pauses = Срок стоит, пока заявка ждёт
service-wrong-time = Часы и минуты, например 2:30.
service-restore-short = Решение не может быть быстрее реакции.
service-hours = Рабочие часы: { $value }
service-hours-help = Например: 9:00-13:00, 14:00-18:00. Пусто — выходной.
service-wrong-hours = Промежутки через запятую, например 9:00-13:00, 14:00-18:00.
service-days-title = Особые дни на год вперёд
service-no-days = Ни одного: все дни как обычно.
service-unknown-years = Переносы не загружены: { $value }. Пока учтены только праздники по закону.
service-day-remove = Убрать
service-day-add = Добавить день
service-add = Добавить
service-date = Дата
service-kind = Что это за день
service-scope = Для кого
service-note = Примечание
service-note-help = Например: региональный праздник
service-all-sites = Все филиалы
service-wrong-date = Выберите дату.
day-kind-off = выходной
day-kind-short = на час короче
day-kind-working = рабочий
service-import = Производственный календарь
service-calendar = Текст календаря
service-calendar-help = XML с xmlcalendar.ru или TOML: year, off, short, working. Заменит всё, что известно об этом годе.
service-load = Загрузить
service-imported = Календарь загружен: { $value }
service-days = { $count ->
    [one] { $count } особый день
    [few] { $count } особых дня
   *[other] { $count } особых дней
}
labels-title = Этикетки
labels-one = Этикетка с QR-кодом
labels-roll = Для принтера этикеток
labels-a4 = Для листа A4
labels-help = Напечатайте страницу (Ctrl+P) и наклейте. Код открывает форму «что сломалось» в телефоне, без входа.
labels-without = { $count ->
    [one] У { $count } устройства ещё нет кода.
   *[other] У { $count } устройств ещё нет кода.
}
labels-make = Создать коды
labels-scan = Сломалось? Наведите камеру
report-title = Что случилось?
report-known = О неисправности уже знают: { $number }, { $since }.
report-same = Это та же неисправность
report-choose = Выберите, что случилось.
report-say = Напишите в двух словах, что случилось.
report-wait = { $count ->
    [one] Слишком много сообщений. Повторите через { $count } минуту или позвоните.
    [few] Слишком много сообщений. Повторите через { $count } минуты или позвоните.
   *[other] Слишком много сообщений. Повторите через { $count } минут или позвоните.
}
report-who = Кто вы
report-who-help = Имя и телефон или кабинет, чтобы техник нашёл вас
report-text = Подробнее
report-send = Сообщить
report-done = Спасибо, техник получил сообщение: { $value }
report-done-next = Страницу можно закрыть.
fault-not-printing = Не печатает
fault-quality = Полосы или бледно
fault-jam = Замятие бумаги
fault-other = Другое
ticket-by-label = по QR-коду
ticket-class-network = сеть
ticket-merged = Объединена с
ticket-holds = Сюда же
ticket-merged-into = Объединена с заявкой № { $value }
ticket-merged-here = Сюда объединена заявка № { $value }
ticket-merge = Это та же неисправность, что в заявке №
ticket-merge-do = Объединить
ticket-merge-which = Напишите номер заявки, с которой объединить.
ticket-hidden = { $count ->
    [one] За ним не слышно { $count } устройства
   *[other] За ним не слышно { $count } устройств
}
ticket-hidden-for = было не слышно { $value }
ticket-hidden-since = не слышно с { $value }

## Работа с заявкой: файлы, связи, доска, памятки

tickets-list = Список
board-title = Доска
board-new = Новые
board-work = В работе
board-waiting = Ждут
board-resolved = Решены
board-none = Пусто
board-move = Переместить
board-more = ещё { $count }
files-title = Файлы
files-none = Файлов нет
file-attach = Приложить файл
file-attach-help = Картинка, PDF, документ, архив или текст, до 10 МБ
file-attach-do = Приложить
file-attached = Приложено: { $value }
file-remove = Убрать
file-removed = Файл убран
file-kb = { $value } КБ
file-mb = { $value } МБ
links-title = Другие заявки
link-device = о том же устройстве
link-related = связана
link-other = Номер заявки
link-other-help = Например: 118
link-do = Связать
link-remove = Развязать
link-merge = Объединить с этой
tickets-linked = Заявки связаны
tickets-unlinked = Заявки развязаны
ticket-notes-title = Что помогает
step-worked = помогло
step-no = нет
step-other = другое
step-saved = Записано
notes-title = Памятки
notes-empty = Памяток нет
notes-empty-next = Запишите по шагам, что помогает: памятка появится на заявках об этой модели.
note-one = Памятка
note-new = Новая памятка
note-title = Что случилось
note-title-help = Например: замятие в узле закрепления
note-of = Для чего
note-any = любая техника
note-vendor-help = Пусто: любой
note-model-help = Например: ecosys m2*. Пусто: любая
note-body = Шаги
note-body-help = Каждое действие с новой строки
note-steps = { $count ->
    [one] { $count } шаг
    [few] { $count } шага
   *[many] { $count } шагов
}
note-updated = Изменена
note-saved = Записано: { $value }
note-remove = Убрать памятку
note-removed = Памятка убрана
ticket-file = Приложен файл: { $value }
ticket-file-removed = Убран файл: { $value }
ticket-linked = Связана с заявкой { $value }
ticket-step = Шаг памятки: { $value }
error-attachment-too-large = Файл больше 10 МБ.
error-attachment-type = Такие файлы не принимаются: нужна картинка, PDF, документ, архив или текст.
error-too-many-files = К заявке приложено слишком много файлов.
error-same-ticket = Это та же самая заявка.
ticket-class-unstable = связь
