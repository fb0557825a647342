### Обнаружение.

discovery-start = Три шага — и устройства найдутся сами
discovery-step-site = Шаг 1. Филиал
discovery-step-credential = Шаг 2. Чем спрашивать: community или пользователь SNMP
discovery-step-range = Шаг 3. Где искать: диапазон адресов
discovery-ask-administrator = Диапазоны ещё не заданы. Попросите администратора добавить первый.
site-name = Название филиала
site-name-help = Например: Казань, ул. Баумана 5
site-zone = Часовой пояс
site-add = Добавить филиал
site-added = Филиал добавлен: { $value }
credentials-title = Учётные данные SNMP
credential-name = Название
credential-name-help = Например: офис
credential-version = Версия
credential-used = Подошло к
credential-devices = { $count ->
    [one] { $count } устройству
    [few] { $count } устройствам
   *[many] { $count } устройствам
}
credential-add = Добавить community или пользователя SNMPv3
credential-why = Anykey только читает. Community и пароли хранятся зашифрованными и больше нигде не показываются.
credential-community = Community
credential-community-help = Для v1 и v2c. Часто public; спросите у того, кто настраивал сеть
credential-save = Добавить
credential-added = Доступ «{ $value }» добавлен
credential-removed = Доступ «{ $value }» удалён
credential-user-fields = Для SNMPv3: пользователь и пароли
credential-user = Пользователь SNMPv3
credential-user-help = Как он назван в настройках устройств
credential-auth-protocol = Подпись
credential-auth-protocol-help = Тот же алгоритм, что на устройствах
credential-auth-password = Пароль подписи
credential-priv-protocol = Шифрование
credential-priv-protocol-help = AES-192-C и AES-256-C — для устройств Cisco, если обычные не подходят
credential-priv-password = Пароль шифрования
credential-password-help = Не короче 8 символов
credential-context = Контекст
credential-context-help = Обычно пусто; у некоторых принтеров HP — Jetdirect
credential-protocol-none = нет
ranges-title = Диапазоны
range-cidr = Диапазон адресов
range-cidr-help = Например: 192.168.10.0/24 или один адрес
range-site = Филиал
range-credential = Доступ
range-credential-help = Если не знаете — оставьте «любой»: Anykey попробует все
range-any-credential = любой
range-port = Порт SNMP
range-port-help = Обычно 161
range-port-of = порт { $value }
range-state = Последний обход
range-add = Добавить диапазон
range-save = Добавить и искать
range-scan = Искать сейчас
range-failed = Обход не удался
range-proposed = Предложен соседом, не опрашивается
range-stranger = Шлёт трапы, но не опрашивается
range-running = идёт: спрошено { $asked }, нашлось { $found }
range-waiting = ждёт очереди
range-never = ещё не было
range-found = { $count ->
    [one] { $count } нашлось
    [few] { $count } нашлось
   *[many] { $count } нашлось
}
range-asked = { $count ->
    [one] спрошен { $count } адрес
    [few] спрошено { $count } адреса
   *[many] спрошено { $count } адресов
}
range-choose-site = Выберите филиал.
range-added = Диапазон { $value } добавлен, поиск начинается
range-removed = Диапазон { $value } удалён, найденные устройства остались
range-scan-asked = Поиск в { $value } начинается
found-title = Что ответило
found-none = Пока ничего
found-none-next = Ответы появляются здесь сами, по мере обхода. Если обход закончен и пусто — проверьте диапазон, community и то, что SNMP на устройствах включён.
found-all = Все
found-devices = Устройства
found-ping-only = Только ping
found-refused = Не впустили
found-address = Адрес
found-outcome = Итог
found-steps = Шаги
found-device = Устройство
found-at = Когда
found-range = Диапазон
found-outcome-device = найдено
found-outcome-ping-only = только ping
found-outcome-refused = не впустило
