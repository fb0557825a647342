### Рамка, общие слова, числа и времена.

language-own-name = Русский
skip-to-content = К содержанию
nav-label = Разделы
nav-today = Сегодня
nav-devices = Устройства
nav-needs = Расходники
nav-stock = Склад
nav-orders = Заказы
nav-tickets = Заявки
nav-discovery = Обнаружение
nav-settings = Настройки
nav-more = Ещё
branch-switch = Выбор филиала
branch-all = Все филиалы
search-label = Поиск устройства
search-placeholder = Имя, IP, MAC, серийный, кабинет
view-menu = Вид
view-language = Язык
view-theme = Оформление
theme-auto = Как в системе
theme-light = Светлое
theme-dark = Тёмное
sign-out = Выйти
live-lost = Нет связи, данные устаревают
palette-title = Перейти
palette-placeholder = Раздел или устройство: имя, IP, MAC, серийный
palette-hint = ↑ ↓ выбрать, Enter открыть, Esc закрыть
keys-title = Клавиши
keys-search = поиск на этой странице
keys-palette = перейти к разделу или устройству
keys-rows = по строкам списка, открыть
keys-save = сохранить форму
keys-help = эта подсказка
undo = Отменить
save = Сохранить
cancel = Отмена
show = Показать
columns = Столбцы
pager-label = Страницы
pager-previous = Предыдущая страница
pager-next = Следующая страница
pager-page = { $page } из { $pages }
pager-range = { $first }–{ $last } из { $total }
page-size = по { $count }

## Времена

time-now = только что
time-minutes-ago = { $count } мин назад
time-hours-ago = { $count } ч назад
time-yesterday = вчера, { $value }
time-days-ago = { $count ->
    [one] { $count } день назад
    [few] { $count } дня назад
   *[many] { $count } дней назад
}
time-in = через { $value }
time-seconds = { $count } с
time-minutes = { $count } мин
time-hours = { $count } ч
time-days = { $count ->
    [one] { $count } день
    [few] { $count } дня
   *[many] { $count } дней
}
month-1 = янв.
month-2 = февр.
month-3 = мар.
month-4 = апр.
month-5 = мая
month-6 = июн.
month-7 = июл.
month-8 = авг.
month-9 = сент.
month-10 = окт.
month-11 = нояб.
month-12 = дек.
month-full-1 = января
month-full-2 = февраля
month-full-3 = марта
month-full-4 = апреля
month-full-5 = мая
month-full-6 = июня
month-full-7 = июля
month-full-8 = августа
month-full-9 = сентября
month-full-10 = октября
month-full-11 = ноября
month-full-12 = декабря
weekday-1 = понедельник
weekday-2 = вторник
weekday-3 = среда
weekday-4 = четверг
weekday-5 = пятница
weekday-6 = суббота
weekday-7 = воскресенье

## Состояния

condition-ok = работает
condition-attention = внимание
condition-failure = неисправно
condition-unknown = неизвестно
ticket-status-new = новая
ticket-status-assigned = назначена
ticket-status-in-progress = в работе
ticket-status-waiting-user = ждём пользователя
ticket-status-waiting-parts = ждём запчасть
ticket-status-waiting-vendor = ждём сервис
ticket-status-waiting-approval = ждём согласования
ticket-status-resolved = решена
ticket-status-closed = закрыта
ticket-status-cancelled = отменена
order-status-draft = черновик
order-status-approved = утверждён
order-status-sent = отправлен
order-status-confirmed = подтверждён
order-status-partly-received = получен частично
order-status-closed = закрыт
order-status-cancelled = отменён

## Уровни

level-some = есть, сколько — не сообщает
level-some-room = место есть, сколько — не сообщает
level-room = свободно { $value }
level-unknown = не сообщает
level-no-restriction = без учёта уровня
level-low = мало
chart-gap = нет данных

## Ошибки

error-title-400 = Запрос непонятен
error-next-400 = Вернитесь назад и заполните форму ещё раз. Ничего не изменено.
error-title-403 = Нет прав на это действие
error-next-403 = Попросите администратора выполнить его или изменить вашу роль. Ничего не изменено.
error-title-404 = Такой страницы нет
error-next-404 = Ссылка устарела, или запись удалена. Начните с главной страницы.
error-title-500 = Не получилось показать страницу
error-next-500 = Обновите её через минуту. Опрос устройств продолжается, данные не потеряны; причина записана в журнал сервера.
error-home = На главную

## Образцы

components-title = Компоненты
components-levels = Уровни
components-states = Состояния и времена
components-forms = Формы
components-charts = Графики
components-form-help = Кабинет или место, например: каб. 214
components-form-error = Напишите кабинет: без него технику не найти.
components-mark = картридж заменён
components-chart = Чёрный тонер за 90 дней: заменён 5 октября, сейчас 31–51 %
