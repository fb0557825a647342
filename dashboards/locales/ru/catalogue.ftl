### Каталог, импорт, поставщики.

# Каталог: как покупают, чем заменяют.
articles-any-kind = Все виды
articles-any-supplier = Все поставщики
articles-xlsx = Скачать XLSX
article-grade = Исполнение
grade-genuine = оригинальный
grade-compatible = совместимый
grade-refilled = заправленный
article-pack = В упаковке, шт.
article-pack-help = Покупаем кратно этому числу
article-lead = Срок поставки, дней
article-lead-help = Если не указан, берётся срок поставщика
article-code-1c = Код 1С
article-code-1c-help = Как в номенклатуре 1С, с нулями впереди
article-barcode = Штрихкод
article-made = Выпуск
article-made-help = Снятый с производства предлагаем, только если другого нет
article-still-made = выпускается
article-discontinued = снят с производства
answer-yes = да
answer-no = нет

# Поставщик: сроки и отправка.
supplier-way = Как уходит заказ
supplier-by-webhook = вебхук
supplier-auto-within = сам, до { $value } в неделю
supplier-lead = Срок поставки, дней
supplier-lead-help = Обещанный: потом срок уточнится по заказам
supplier-min = Минимальный заказ без НДС
supplier-min-help = Меньший заказ сам не уйдёт; пусто — любой
supplier-auto = Отправка
supplier-auto-help = Сам уходит только заказ, где у каждой строки есть цена
supplier-by-click = после утверждения человеком
supplier-by-itself = сама, в пределах недельной суммы
supplier-limit = Сама — не больше за 7 дней, без НДС
supplier-limit-help = Выше этой суммы заказ ждёт человека. Например: 30 000
supplier-webhook = Адрес вебхука
supplier-webhook-help = Вместо письма заказ уйдёт сюда как JSON. Например: https://supplier.example/orders
supplier-secret = Секрет подписи вебхука
supplier-secret-help = Не короче 16 знаков: им подписан каждый заказ (HMAC-SHA256)
supplier-secret-set-help = Задан и не показывается. Пусто — оставить прежний
supplier-unsigned = Убрать секрет: заказы без подписи

# Импорт каталога.
import-title = Импорт из файла
import-file = Таблица XLSX или CSV
import-file-help = Первая строка — названия столбцов, в любом порядке. Нужны «Артикул» и «Производитель». До 20 000 строк, до 16 МБ
import-check = Проверить файл
import-template = Шаблон XLSX
import-how = Сначала вы увидите, что изменится. Каталог не меняется, пока вы не примете. Пустая ячейка оставляет значение, прочерк «-» — стирает.
import-newest = Последние файлы
import-taken = Принят
import-waits = Ждёт решения
import-row = Строка
import-verdict = Итог
import-what = Что изменится
import-all = Все строки
import-wrong = С ошибками
import-new = Новые
import-changed = Меняются
import-same = Без изменений
import-verdict-new = новый
import-verdict-changed = меняется
import-verdict-same = без изменений
import-verdict-wrong = ошибка
import-count-new = { $count ->
    [one] { $count } новый
    [few] { $count } новых
   *[many] { $count } новых
}
import-count-changed = { $count ->
    [one] { $count } меняется
    [few] { $count } меняются
   *[many] { $count } меняются
}
import-count-same = { $count ->
    [one] { $count } без изменений
    [few] { $count } без изменений
   *[many] { $count } без изменений
}
import-count-wrong = { $count ->
    [one] { $count } строка с ошибкой
    [few] { $count } строки с ошибками
   *[many] { $count } строк с ошибками
}
import-drop = Выбросить
import-recheck = Проверить заново
import-accept = Принять
import-accept-good = Принять только верные строки
import-accepted = Каталог изменён: { $value }
import-rechecked = Проверено заново по нынешнему каталогу
import-dropped = Файл выброшен, каталог прежний
import-nothing = Без изменений: каталог уже такой.
import-nothing-yet = Каталог ещё не изменён. В файле:
import-ignored = Эти столбцы не поняты и пропущены:
import-none-of-these = Таких строк нет
import-header-missing = Нет столбца:
import-header-call = Назовите его так:
import-header-twice = Столбец встречается дважды:
import-header-found = Поняты столбцы:
import-header-unknown = Не поняты:
import-fault-required = не указано
import-fault-repeated = повторяет строку { $value }
import-fault-contradicts = тот же артикул, но с другими данными, в строке { $value }
import-fault-unknown-kind = неизвестный вид «{ $value }». Например: тонер, фотобарабан, бункер
import-fault-unknown-color = неизвестный цвет «{ $value }». Например: чёрный, голубой, пурпурный, жёлтый
import-fault-unknown-grade = неизвестное исполнение «{ $value }». Можно: оригинальный, совместимый, заправленный
import-fault-unknown-supplier = нет поставщика «{ $value }». Сначала добавьте его в настройках
import-fault-not-yes-or-no = «{ $value }»: напишите да или нет
import-fault-bad-price = «{ $value }» — не цена. Например: 4 500,00
import-fault-bad-number = «{ $value }» — не целое число в разумных пределах
import-fault-bad-fit = «{ $value }» — не модель. Например: kyocera/ecosys m2040*
import-fault-formula-without-value = формула { $value } без значения. Откройте файл в Excel и сохраните
import-fault-cell-error = ошибка формулы { $value }
import-fault-too-long = слишком длинно: «{ $value }…»
import-fault-not-a-line = в ячейке перенос строки или служебный знак
article-field-part_number = Артикул
article-field-vendor = Производитель
article-field-name = Название
article-field-kind = Вид
article-field-color = Цвет
article-field-yield_pages = Ресурс
article-field-grade = Исполнение
article-field-price = Цена без НДС
article-field-vat_percent = НДС
article-field-supplier = Поставщик
article-field-supplier_article = Артикул поставщика
article-field-lead_days = Срок поставки
article-field-pack = В упаковке
article-field-code_1c = Код 1С
article-field-barcode = Штрихкод
article-field-discontinued = Снят с производства
article-field-fits = Подходит к

# Что к чему подходит.
suggestions-title = Подобранные артикулы
suggestions-wait = { $count ->
    [one] { $count } расходнику артикул подобран, но не подтверждён.
    [few] { $count } расходникам артикул подобран, но не подтверждён.
   *[many] { $count } расходникам артикул подобран, но не подтверждён.
}
suggestions-look = Посмотреть
suggestions-confirm-all = { $count ->
    [one] Подтвердить { $count } показанный
    [few] Подтвердить все { $count } показанных
   *[many] Подтвердить все { $count } показанных
}
suggestions-more = { $count ->
    [one] и ещё { $count }
    [few] и ещё { $count }
   *[many] и ещё { $count }
}
suggestions-empty = Подтверждать нечего
suggestions-empty-next = Здесь появляются артикулы, которые Anykey сам подобрал к расходникам устройств.
suggestion-supply = Расходник
suggestion-device = Устройство
suggestion-why = Почему
suggestion-yes = Подходит
suggestion-no = Не подходит
suggestion-confirmed = Подтверждено: { $value }
suggestion-rejected = Больше не предлагаем: { $value }
found-by-part-number = устройство называет этот номер
found-by-description = номер есть в описании расходника
found-by-same-model = подтверждён на другом таком устройстве
found-by-model = по каталогу подходит к этой модели
found-by-earlier = подобран раньше
reference-title = Справочник
reference-what = Известные артикулы для моделей, которые у вас есть. Отметьте нужные: цену и поставщика добавите потом.
reference-add = Добавить отмеченные
reference-models = Ваши модели
reference-nothing = Добавить нечего
reference-nothing-next = Для ваших моделей в справочнике ничего нет или всё уже в каталоге.
reference-no-devices = Устройств ещё нет
reference-no-devices-next = Когда Anykey найдёт принтеры, здесь появятся их картриджи и барабаны.
reference-added = Добавлено в каталог: { $value }

# Что план пометил в черновике.
order-filler = Чтобы набрать минимум поставщика { $minimum }: понадобится через { $due }, израсходуется за { $cover }
order-below = До минимума поставщика не хватает { $missing }: заказ на { $total }, он берёт от { $minimum }.
order-below-next = Следующим понадобится { $article }, { $day }. Подождите до тех пор или утвердите так.
order-below-alone = Скоро ничего другого у него не понадобится. Дождитесь или утвердите так.
order-cut = Не входит в заказ: предел филиала на месяц { $limit }, заказано { $spent }.
order-cut-risk = Вероятность { $risk }, что до { $until } кто-то останется без печати, первым { $device }.
order-cut-risk-any = Вероятность { $risk }, что до { $until } кто-то останется без печати.
order-cut-lines = { $count ->
    [one] { $count } строка сверх предела на месяц: утвердив заказ, вы оставите её в новом черновике.
    [few] { $count } строки сверх предела на месяц: утвердив заказ, вы оставите их в новом черновике.
   *[many] { $count } строк сверх предела на месяц: утвердив заказ, вы оставите их в новом черновике.
}
order-over-budget = { $value }: купим сверх предела
order-over-budget-why = Сверх предела: { $value }
order-over-budget-reason = Почему нельзя ждать
order-over-budget-buy = Купить всё равно

# Почему заказ не ушёл сам.
order-hold-no-price = { $count ->
    [one] Сам не уйдёт: у { $count } строки нет цены. Утвердите заказ или укажите цену.
    [few] Сам не уйдёт: у { $count } строк нет цены. Утвердите заказ или укажите цены.
   *[many] Сам не уйдёт: у { $count } строк нет цены. Утвердите заказ или укажите цены.
}
order-hold-no-limit = Сам не уйдёт: у поставщика не задана недельная сумма. Утвердите заказ или задайте её.
order-hold-below-minimum = Сам не уйдёт: заказ на { $total }, а поставщик берёт от { $minimum }.
order-hold-above-limit = Сам не уйдёт: за неделю само ушло на { $spent }, с этим заказом ({ $total }) вышло бы больше предела { $limit }. Утвердите его.
