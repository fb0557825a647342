### Устройства: список и карточка.

devices-count = { $count ->
    [one] { $count } устройство
    [few] { $count } устройства
   *[many] { $count } устройств
}
device-name = Название
device-retired = списано
col-name = Название
col-state = Состояние
col-place = Место
col-supplies = Расходники
col-address = Адрес
col-seen = Ответило
col-kind = Вид
col-model = Модель
col-vendor = Производитель
col-serial = Серийный №
col-mac = MAC
col-pages = Отпечатков
col-site = Филиал
seen-never = ни разу
place-none = без места
tab-all = Все
tab-failure = Неисправны
tab-attention = Внимание
tab-unknown = Неизвестно
tab-ok = Работают
filter-low = Мало тонера
filter-new = Новые за сутки
filter-retired = Списанные
filter-remove = Убрать условие
filters-clear = Сбросить условия
find = Найти
add-range = Добавить диапазон
devices-empty-title = Устройств ещё нет
devices-empty-next = Назовите диапазон адресов филиала: Anykey сам найдёт в нём принтеры, коммутаторы и остальное, что отвечает по SNMP или IPP.
devices-none-title = Ничего не нашлось
devices-none-next = Уберите одно из условий или ищите по части имени, IP, MAC, серийного номера или кабинета.

## Состояние словами

state-since = уже { $value }
state-degraded-why = проверьте community и доступ
state-low = кончается: { $value }
reach-unknown = ещё не отвечало
reach-ok = работает
reach-degraded = SNMP молчит
reach-unreachable = недоступно
reach-asleep = спит
reach-down = не отвечает
problem-down = не отвечает
problem-repair = неисправность
problem-configuration = отвечает на ping, но не на SNMP
problem-reported = сообщил человек
component-device = устройство
component-snmp = SNMP
component-fuser = узел закрепления
component-engine = печатающий механизм
component-laser = лазер
component-scanner = сканер
component-tray = лоток
component-output = выходной лоток
component-finisher = финишер
component-storage = накопитель
component-firmware = прошивка
component-marker = блок печати
component-media-path = тракт бумаги
component-cover = крышка
component-network = сеть

## Виды

kind-mfp = МФУ
kind-printer = Принтер
kind-scanner = Сканер
kind-switch = Коммутатор
kind-router = Маршрутизатор
kind-access-point = Точка доступа
kind-wlan-controller = Контроллер Wi-Fi
kind-firewall = Межсетевой экран
kind-ups = ИБП
kind-pdu = Распределитель питания
kind-server = Сервер
kind-storage = Хранилище
kind-phone = Телефон
kind-camera = Камера
kind-other = Другое

supply-toner = Тонер
supply-ink = Чернила
supply-drum = Фотобарабан
supply-developer = Девелопер
supply-waste = Бункер отработанного тонера
supply-fuser = Узел закрепления
supply-transfer = Лента переноса
supply-cleaner = Чистящий узел
supply-roller = Ролик захвата
supply-maintenance-kit = Комплект для обслуживания
supply-staples = Скрепки
supply-filter = Фильтр
supply-ribbon = Лента
supply-other = Расходник
colour-black = чёрный
colour-cyan = голубой
colour-magenta = пурпурный
colour-yellow = жёлтый
colour-light-cyan = светло-голубой
colour-light-magenta = светло-пурпурный
colour-gray = серый
colour-red = красный
colour-blue = синий
colour-green = зелёный
colour-white = белый

## Сигналы принтера (PrtAlertCodeTC)

alert-coverOpen = открыта крышка
alert-interlockOpen = открыта крышка
alert-jam = замятие
alert-subunitMissing = нет узла
alert-subunitLifeAlmostOver = ресурс узла кончается
alert-subunitLifeOver = ресурс узла исчерпан
alert-subunitAlmostEmpty = почти пусто
alert-subunitEmpty = пусто
alert-subunitAlmostFull = почти полон
alert-subunitFull = полон
alert-subunitUnrecoverableFailure = отказ узла
alert-subunitRecoverableFailure = сбой узла
alert-powerUp = включён
alert-powerDown = выключен
alert-inputMediaSupplyLow = мало бумаги
alert-inputMediaSupplyEmpty = нет бумаги
alert-inputMediaTrayMissing = нет лотка
alert-outputMediaTrayFull = выходной лоток полон
alert-outputMediaTrayAlmostFull = выходной лоток почти полон
alert-markerFuserUnderTemperature = печь недогрета
alert-markerFuserOverTemperature = печь перегрета
alert-markerTonerEmpty = тонер кончился
alert-markerInkEmpty = чернила кончились
alert-markerTonerAlmostEmpty = тонер кончается
alert-markerInkAlmostEmpty = чернила кончаются
alert-markerWasteTonerReceptacleAlmostFull = бункер отработанного тонера почти полон
alert-markerWasteTonerReceptacleFull = бункер отработанного тонера полон
alert-markerOpcLifeAlmostOver = ресурс фотобарабана кончается
alert-markerOpcLifeOver = ресурс фотобарабана исчерпан
alert-markerTonerCartridgeMissing = нет тонер-картриджа

## История

timeline-device-discovered = Найдено: { $value }
timeline-reach-changed = Было: { $from }. Стало: { $to }
timeline-address-changed = Адрес { $from } → { $to }
timeline-restarted = Перезапустилось
timeline-problem-raised = Неисправность. { $value }
timeline-problem-cleared = Исправно: { $value }
timeline-supply-low = Кончается: { $value }
timeline-supply-replaced = Заменён: { $value }
timeline-alert-appeared = Сообщает: { $value }
timeline-change = { $from } → { $to }
timeline-page-count-reset = Счётчик отпечатков сброшен: { $from } → { $to }
timeline-trap-received = Сообщает: { $value }
field-serial = Серийный номер
field-firmware = Прошивка
field-model = Модель

## Карточка

crumbs-label = Где это
device-ticket = Заявка
device-poll = Опросить
device-edit = Изменить
device-place = Место
device-name-help = Пусто: как называет себя само устройство.
device-place-help = Например: каб. 214. Пусто: как указано в самом устройстве.
device-retire = Списать
device-retire-help = Больше не опрашивать и ничего для него не заказывать. История останется.
device-now = На панели устройства
device-history = История
device-span = За сколько дней
device-ports = Порты
device-timeline = Что происходило
device-timeline-filter = Вид событий
device-timeline-empty = Пока ничего не происходило.
device-connected = Куда подключено
device-connected-unknown = Ни один опрошенный коммутатор его не видел за двое суток. Проверьте, опрашиваются ли коммутаторы филиала.
device-identity = Как узнаём устройство
device-identity-help = По этим признакам устройство узнаётся при смене адреса.
device-addresses = Адреса
device-modules = Модули
device-notes = Замечания опроса
device-sys-name = Имя в сети
device-contact = Контакт
device-uptime = Без перерыва
device-credential = Доступ
device-profile = Профиль
fact-why = Источник: { $rule }, достоверность { $confidence }
device-first-seen = Найдено
device-replaced = заменён
device-changed = Изменено: { $value }
device-poll-asked = Опрос запрошен, данные обновятся через минуту
device-poll-waits = опрос запрошен
device-is-retired = Списано: больше не опрашивается
device-level-summary = { $name }: уровень за { $days } дней, сейчас { $level }
device-pages-summary = Отпечатков по дням за { $days } дней, всего { $total }
device-pages-pace = около { $value } в неделю
device-pages-none = График появится через два дня опроса.
ups-battery = Заряд батареи
ups-left = Хватит на
ups-load = Нагрузка
identifier-serial = Серийный номер
identifier-printer-uuid = UUID принтера
identifier-base-mac = MAC
identifier-lldp-chassis = LLDP
identifier-sys-name = Имя в сети
identifier-address = Адрес
ticket-create = Создать заявку
device-ticket-opened = Заявка создана: { $value }
priority-1 = 1, филиал стоит
priority-2 = 2, отдел стоит
priority-3 = 3, мешает работе
priority-4 = 4, терпит
priority-5 = 5, на заметку
port-name = Порт
port-speed = Скорость
port-behind = За портом
port-since = Изменился
port-up = есть линк
port-down = нет линка
port-off = выключен
port-unknown = неизвестно
port-testing = тест
port-dormant = ожидает
port-notPresent = нет модуля
port-lowerLayerDown = нет линка
port-shared = { $count ->
    [one] за портом ещё { $count } адрес
    [few] за портом ещё { $count } адреса
   *[many] за портом ещё { $count } адресов
}
ports-up = { $up } из { $all } с линком
ports-hidden = { $count ->
    [one] Ещё { $count } виртуальный
   *[other] Ещё { $count } виртуальных
}
macs-count = { $count ->
    [one] { $count } MAC
   *[other] { $count } MAC
}
more-count = и ещё { $count }
port-poe = Питание
port-slow = медленнее, чем может: { $value }
port-half-duplex = полудуплекс
port-errors = { $count ->
    [one] { $count } ошибка за сутки
    [few] { $count } ошибки за сутки
   *[many] { $count } ошибок за сутки
}
port-errors-checksum = из них контрольной суммы: { $value }
port-stp-root = к корню дерева STP
port-stp-blocked = заблокирован STP
port-in-aggregate = в агрегате { $value }
transceiver = оптический модуль
transceiver-rx = приём { $value } дБм
transceiver-tx = передача { $value } дБм
celsius = { $value } °C
volts = { $value } В
amperes = { $value } А
watts = { $value } Вт
rpm = { $value } об/мин
humidity = влажность { $value } %
poe-class = класс { $value }
poe-feeds = питает
poe-fault = сбой PoE
poe-off = PoE выключен
poe-power = PoE
poe-budget = { $drawn } из { $power } Вт
device-stack = Стек
device-sensors = Датчики
stack-master = главный
stack-active = главный
stack-standby = резервный
stack-member = участник
stack-notMember = не в стеке
stack-standalone = один
stack-other = другое
speed-gigabit = { $value } Гбит/с
speed-megabit = { $value } Мбит/с
seen-by-lldp = LLDP
seen-by-cdp = CDP
seen-by-fdp = FDP
seen-by-mndp = MNDP
seen-by-fdb = по таблице MAC
source-snmp = SNMP
source-snmp-private = SNMP, таблица производителя
source-ipp = IPP
source-icmp = ping
source-manual = введено человеком
tray-number = Лоток { $count }
tray-empty = пусто
tray-some = есть бумага
timeline-group-state = Состояние
timeline-group-supply = Расходники
timeline-group-problem = Неисправности
timeline-group-identity = Учёт
timeline-group-trap = Сообщения
older = Раньше

## What devices say by themselves (traps)

trap-coldStart = перезапуск
trap-warmStart = перезапуск
trap-linkDown = порт без связи
trap-linkUp = на порту есть связь
trap-authenticationFailure = кто-то спросил с неверным community
trap-printerV2Alert = сообщение принтера
trap-entConfigChange = изменился состав
trap-lldpRemTablesChange = изменились соседи
trap-newRoot = новый корень STP
trap-topologyChange = изменилось дерево STP
trap-upsTrapOnBattery = работа от батареи
trap-upsTrapTestCompleted = проверка батареи закончена
trap-upsTrapAlarmEntryAdded = тревога ИБП
trap-upsTrapAlarmEntryRemoved = тревога ИБП снята
trap-upsOnBattery = работа от батареи
trap-powerRestored = питание от сети вернулось
trap-lowBattery = батарея разряжена
trap-returnFromLowBattery = батарея снова заряжена
trap-upsOverload = перегрузка
trap-upsDiagnosticsFailed = самопроверка не пройдена
trap-upsDischarged = батарея села
trap-communicationLost = нет связи с ИБП
trap-communicationEstablished = связь с ИБП есть
trap-ciscoConfigManEvent = изменена настройка
trap-ccmCLIRunningConfigChanged = изменена настройка
trap-risingAlarm = порог превышен
trap-fallingAlarm = ниже порога

## Identity by people, epochs of the counter, jams

timeline-merged = Объединено с: { $value }
timeline-split-off = Отделено: { $value }
timeline-identity-undone = Отменено: { $value } снова на своей карточке
device-merged = Объединено с: { $value }. Его история — на этой странице
device-split = Разделено: у второго устройства своя карточка
device-identity-undone = Отменено
device-identity-changes = Объединяли и разделяли люди
identity-taken-back = отменено
identity-take-back = Отменить
merge-title = Это то же устройство, что…
merge-other = Другое устройство
merge-help = Его имя, адрес, серийный номер или MAC. История перейдёт сюда; можно отменить.
merge-do = Объединить
split-title = Это два разных устройства…
split-help = Отметьте, что принадлежит другому. У него появится своя карточка; что было до сих пор, останется здесь. Можно отменить.
split-address = Другое отвечает по адресу
split-no-address = неизвестно, найдёт обнаружение
split-do = Разделить
epochs-title = Сбросы счётчика
epochs-help = Счётчик начинался заново; итог выше идёт через все.
epoch-first = с первого опроса
epoch-reset = после сброса
epoch-board = после замены платы
jams-title = Замятия
jams-count = { $count ->
    [one] { $count } замятие
    [few] { $count } замятия
   *[other] { $count } замятий
}
jams-summary = { $jams } за { $days }
jams-rate = { $value } на 1000 страниц
jam-at-page = страница { $value }
timeline-problem-hidden = Молчит то, через что устройство подключено: судить о нём пока нельзя
problem-network = не отвечает весь филиал
problem-unstable = то пропадает, то появляется
component-fan = вентилятор
component-drive = привод, двигатель
component-controller = плата управления
component-adf = автоподатчик
component-jams = повторяющиеся замятия
