### Кабельный журнал: поиск, путь, ведомость, изменения.

nav-cabling = Кроссировка
cabling-find = Розетка, порт, кабель, комната, устройство, MAC или IP
cabling-find-example = 2.14-A
cabling-find-do = Найти
cabling-nothing = «{ $value }» не найдено
cabling-nothing-next = Проверьте номер на розетке. MAC и IP ищутся среди тех, кого коммутаторы слышали за два дня.
cabling-hits = { $count ->
    [one] { $count } совпадение
    [few] { $count } совпадения
   *[other] { $count } совпадений
  }
cabling-heard = Где слышно в сети
heard-alone = один на порту
cabling-no-site = Филиалов пока нет
cabling-no-site-next = Добавьте филиал на странице обнаружения.
cabling-empty = Кабели ещё не записаны
cabling-empty-next = Пришлите таблицу, которая у вас есть: розетка, кабинет, панель, порт, коммутатор, порт. Сначала покажем, что получится.
cabling-template = Шаблон XLSX
cabling-none-of-these = Таких записей нет
cabling-import = Импорт таблицы
cabling-import-help = Первая строка — названия столбцов: розетка, кабинет, патч-панель, порт, коммутатор, порт, кабель, длина, примечание. Остальные пропустим.
cabling-import-how = Сначала вы увидите, что изменится. Пустая ячейка ничего не меняет, прочерк стирает. Повторный импорт того же файла не меняет ничего.
cabling-import-nothing = Без изменений: в журнале уже так.
cabling-changes = Изменения
cabling-changes-empty = Журнал ещё не меняли
cabling-changes-empty-next = Здесь будет видно, кто что изменил, и это можно будет отменить.
cabling-undone = Изменение отменено
cabling-pieces = { $count ->
    [one] { $count } запись
    [few] { $count } записи
   *[other] { $count } записей
  }
change-import = Импорт
change-save = Правка
change-connect = Подключение
change-status = Состояние
cabling-outlets = Розетки
cabling-units = Панели и устройства
cabling-cables = Кабели
cabling-outlet = Розетка
cabling-place = Место
cabling-port = Порт
cabling-panel = Панель
cabling-switch-port = Порт коммутатора
cabling-device = Устройство
cabling-cable = Кабель
cabling-rack = Шкаф
cabling-vlan = VLAN
cabling-note = Примечание
cabling-unit = Название
cabling-kind = Вид
cabling-ports = Портов
cabling-free = Свободно
cabling-ends = Откуда и куда
cabling-length = Длина
cabling-status = Состояние
cabling-source = Источник
cable-source-manual = вручную
cable-source-import = из таблицы
cable-source-accepted = по наблюдению
cable-without-label = без номера
cable-kind-cord = корд
cable-kind-horizontal = горизонтальный
cable-kind-backbone = магистральный
cable-kind-direct = прямой
cable-status-planned = запланирован
cable-status-installed = проложен
cable-status-connected = подключён
cable-status-faulty = неисправен
cable-status-reserved = в резерве
cable-status-decommissioned = снят
cord-colour-blue = синий
cord-colour-red = красный
cord-colour-green = зелёный
cord-colour-yellow = жёлтый
cord-colour-grey = серый
cord-colour-white = белый
cord-colour-black = чёрный
cord-colour-orange = оранжевый
unit-kind-switch = коммутатор
unit-kind-router = маршрутизатор
unit-kind-access-point = точка доступа
unit-kind-host = компьютер
unit-kind-printer = принтер
unit-kind-phone = телефон
unit-kind-camera = камера
unit-kind-panel = патч-панель
unit-kind-outlet = розетка
unit-kind-consolidation = точка консолидации
unit-kind-splice = муфта
unit-kind-splitter = двойник
unit-kind-converter = медиаконвертер
place-kind-building = здание
place-kind-floor = этаж
place-kind-room = комната
place-kind-zone = зона
place-kind-outdoor = улица
side-front = лицевая
side-rear = тыльная
side-only = разъём
metres = { $value } м

# Путь.
trace-picture = Путь кабеля от порта до розетки
trace-end-open = дальше не подключено
trace-end-loose = конец кабеля нигде не подключён
trace-end-loop = кольцо
trace-length = длина { $value }
trace-length-at-least = длина не меньше { $value }
trace-category = линия не лучше { $value }
trace-lanes = { $count ->
    [one] только { $count } пара
    [few] только { $count } пары
   *[other] только { $count } пар
  }
trace-not-active = не все кабели подключены
trace-nothing = Путь неизвестен
trace-nothing-next = К этому разъёму в журнале ничего не подключено.
trace-read = опрошен
trace-heard = Кого слышно на порту
trace-table = Путь таблицей
trace-what = Что
trace-side = Сторона
trace-about = Подробности
trace-cables = Состояние кабелей
trace-below-capability = медленнее, чем умеет порт
port-up-word = есть линк
port-down-word = нет линка
port-unknown-word = состояние неизвестно
compared-blind = Порт коммутатора не опрашивается: сравнить не с чем
compared-agrees = Документы и наблюдение совпадают
compared-differs = В документах { $documented }, а слышно { $seen }
compared-occupied = На порту слышно: { $value }
compared-silent = Линк есть, но никого не слышно
compared-down = По документам подключено, но линка нет
compared-free = Никого нет: порт свободен
cabling-connect = Подключить
cabling-connect-do = Записать
cabling-connected = Кабель записан
cabling-status-set = Состояние кабеля: { $value }
connect-side = Сторона
connect-to = Куда
connect-to-help = Розетка, порт панели или коммутатора: PP1:7, sw2:Gi0/7
connect-label = Номер кабеля
connect-colour = Цвет
connect-length = Длина, м

# Столбцы ведомости и что в них не так.
sheet-field-outlet = Розетка
sheet-field-building = Здание
sheet-field-floor = Этаж
sheet-field-room = Кабинет
sheet-field-panel = Панель
sheet-field-panel-port = Порт панели
sheet-field-switch = Коммутатор
sheet-field-switch-port = Порт коммутатора
sheet-field-cable = Кабель
sheet-field-cord = Корд
sheet-field-category = Категория
sheet-field-length = Длина
sheet-field-colour = Цвет
sheet-field-vlan = VLAN
sheet-field-device = Устройство
sheet-field-status = Состояние
sheet-field-note = Примечание
sheet-fault-required = не указано
sheet-fault-repeated = эта розетка уже есть в строке { $value }
sheet-fault-panel-port-taken = порт панели уже занят: { $value }
sheet-fault-switch-port-taken = порт коммутатора уже занят: { $value }
sheet-fault-device-elsewhere = устройство уже подключено: { $value }
sheet-fault-needs-port = не указан порт для «{ $value }»
sheet-fault-needs-panel = указан порт { $value }, но не панель
sheet-fault-needs-switch = указан порт { $value }, но не коммутатор
sheet-fault-unknown-port = у коммутатора нет порта «{ $value }»
sheet-fault-bad-port = «{ $value }» — не порт панели
sheet-fault-label-taken = номер «{ $value }» уже у другого кабеля
sheet-fault-no-cable = нет кабеля, к которому это относится: «{ $value }»
sheet-fault-not-an-outlet = «{ $value }» — не розетка
sheet-fault-not-a-panel = «{ $value }» — не панель
sheet-fault-not-a-switch = «{ $value }» — не коммутатор
sheet-fault-not-a-device = «{ $value }» — не устройство
sheet-fault-bad-number = «{ $value }» — не число в разумных пределах
sheet-fault-bad-status = неизвестное состояние «{ $value }». Напишите: подключен, проложен, план, резерв, неисправен
sheet-fault-too-long = слишком длинно: «{ $value }…»
sheet-fault-formula-without-value = формула { $value } без значения: сохраните файл в редакторе таблиц
sheet-fault-cell-error = ошибка формулы { $value }
sheet-fault-socket-taken = разъём уже занят: { $value }
error-no-such-jack = Такого разъёма в журнале нет.
error-sheet-stale = Журнал изменился с тех пор, как файл проверяли. Пришлите его ещё раз.
error-cabling-taken = «{ $value }» уже есть. Назовите иначе.
error-cabling-not-found = Этой записи уже нет. Обновите страницу.
error-cabling-required = Заполните это поле.
error-cabling-too-long = Слишком длинно: «{ $value }…»
error-cabling-bad-number = «{ $value }» — число вне допустимых пределов.
error-cabling-not-there = Того, на что указано, в журнале нет.
error-cabling-occupied = Уже занято: { $value }
error-cabling-same-jack = Кабель не может начинаться и кончаться в одном разъёме.
error-cabling-changed-since = После этого «{ $value }» уже изменили. Сначала отмените более позднее.
error-cabling-needed-since = Отменить нельзя: с этим теперь связано «{ $value }».
error-cabling-refused = Так сделать нельзя: { $value }

# Карта и расхождения.
cabling-map = Карта сети
cabling-findings = Расхождения
map-made = построена
map-empty = Связей пока не видно
map-empty-next = Карта строится из ответов коммутаторов (LLDP, CDP, таблицы MAC). Добавьте диапазон на странице обнаружения и подождите опроса.
map-hidden = { $count ->
    [one] ещё { $count } устройство не показано
    [few] ещё { $count } устройства не показаны
   *[other] ещё { $count } устройств не показаны
  }
map-all = Показать все
map-links = Связи
map-legend = сплошная: наверняка (0,9 и выше) · штрихи: вероятно · точки: догадка · серая: заблокирована STP
map-from = Откуда
map-to = Куда
map-port = Порт
map-sure = Уверенность
map-state = Состояние
map-seen = Видели
map-stations = { $count ->
    [one] { $count } узел
    [few] { $count } узла
   *[other] { $count } узлов
  }
map-away = { $count ->
    [one] ещё { $count } сосед
    [few] ещё { $count } соседа
   *[other] ещё { $count } соседей
  }
cloud-unmanaged-switch = простой коммутатор?
cloud-wifi = Wi-Fi
cloud-phone = телефон
cloud-hypervisor = гипервизор
link-state-live = есть
link-state-aging = давно не видели
link-state-stale = устарела
link-state-last-known = была до отключения
findings-open = Открытые
findings-ordered = В работе
findings-ignored = Отложенные
findings-accepted = Принятые
findings-resolved = Исчезли
findings-empty = Расхождений нет
findings-empty-next = Документы и наблюдение сравниваются каждые пять минут.
findings-more = { $count ->
    [one] и ещё { $count }
   *[other] и ещё { $count }
  }
findings-accept-all = { $count ->
    [one] Принять { $count } надёжную
    [few] Принять { $count } надёжные
   *[other] Принять { $count } надёжных
  }
finding-undocumented-link = Связь не записана
finding-wrong-link = Подключено не туда
finding-swapped = Перепутаны местами
finding-device-moved = Устройство переехало
finding-outlet-found = Найдена розетка
finding-dead-port = Порт давно молчит
finding-ghost-patch = Неизвестно кто
finding-speed-downgrade = Скорость ниже возможной
finding-fcs-errors = Ошибки кадров
finding-duplex-mismatch = Полудуплекс
finding-vlan-mismatch = Не тот VLAN
finding-one-end-cable = Кабель без второго конца
finding-documented = В документах
finding-observed = В сети
finding-nothing = ничего
finding-since = с
finding-seen = видели
finding-look = Посмотреть
finding-ticket = Заявка
finding-accept = Записать как в сети
finding-order = Создать заявку
finding-ignore = Отложить
finding-reopen = Вернуть
finding-accepted = Записано в документы
finding-ignored = Отложено до { $value }
finding-reopened = Снова открыто
finding-ordered = Создана заявка № { $value }
evidence-lldp = LLDP
evidence-cdp = CDP
evidence-neighbour = протокол соседей
evidence-lacp = LACP
evidence-stp = STP
evidence-fdb = таблицы MAC
evidence-port = состояние порта
evidence-both = { $value } с обоих концов
change-accept = По наблюдению
