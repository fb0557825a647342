### Catalogue, import, suppliers.

# Catalogue: how things are bought, what refills what.
articles-any-kind = All kinds
articles-any-supplier = All suppliers
articles-xlsx = Download XLSX
article-grade = Grade
grade-genuine = genuine
grade-compatible = compatible
grade-refilled = refilled
article-pack = Pack, pieces
article-pack-help = Bought in multiples of this number
article-lead = Lead time, days
article-lead-help = The supplier's lead time when empty
article-code-1c = 1C code
article-code-1c-help = As in the 1C catalogue, with its leading zeros
article-barcode = Barcode
article-made = Production
article-made-help = A discontinued article is proposed only when nothing else fits
article-still-made = still made
article-discontinued = discontinued
answer-yes = yes
answer-no = no

# Supplier: terms and sending.
supplier-way = How an order leaves
supplier-by-webhook = webhook
supplier-auto-within = by itself, up to { $value } a week
supplier-lead = Lead time, days
supplier-lead-help = As promised; orders will teach it better
supplier-min = Smallest order without VAT
supplier-min-help = A smaller one does not leave by itself; empty: any
supplier-auto = Sending
supplier-auto-help = Only an order whose every line has a price leaves by itself
supplier-by-click = when a person has approved
supplier-by-itself = by itself, within the weekly sum
supplier-limit = By itself at most in 7 days, without VAT
supplier-limit-help = Above this sum an order waits for a person. For example: 30,000
supplier-webhook = Webhook address
supplier-webhook-help = The order goes here as JSON instead of by mail. For example: https://supplier.example/orders
supplier-secret = Webhook signing secret
supplier-secret-help = At least 16 characters; every order is signed with it (HMAC-SHA256)
supplier-secret-set-help = Set, and never shown. Empty keeps it
supplier-unsigned = Remove the secret: orders are not signed

# Import of the catalogue.
import-title = Import from a file
import-file = Table, XLSX or CSV
import-file-help = The first row names the columns, in any order. "Part number" and "Maker" are needed. Up to 20,000 rows and 16 MB
import-check = Check the file
import-template = XLSX template
import-how = You first see what would change. The catalogue stays as it is until you accept. An empty cell keeps a value, a dash "-" clears it.
import-newest = Recent files
import-taken = Accepted
import-waits = Waits for a decision
import-row = Row
import-verdict = Result
import-what = What changes
import-all = All rows
import-wrong = With errors
import-new = New
import-changed = Changed
import-same = Unchanged
import-verdict-new = new
import-verdict-changed = changed
import-verdict-same = unchanged
import-verdict-wrong = error
import-count-new = { $count } new
import-count-changed = { $count } changed
import-count-same = { $count } unchanged
import-count-wrong = { $count ->
    [one] { $count } row with an error
   *[other] { $count } rows with errors
}
import-drop = Throw away
import-recheck = Check again
import-accept = Accept
import-accept-good = Accept the good rows only
import-accepted = The catalogue has changed: { $value }
import-rechecked = Checked again with the present catalogue
import-dropped = The file is thrown away, the catalogue is as it was
import-nothing = Unchanged: the catalogue is like this already.
import-nothing-yet = The catalogue has not changed yet. The file holds:
import-ignored = These columns were not understood and are left out:
import-none-of-these = There are no such rows
import-header-missing = A column is missing:
import-header-call = Call it:
import-header-twice = A column is there twice:
import-header-found = Columns understood:
import-header-unknown = Not understood:
import-fault-required = is missing
import-fault-repeated = repeats row { $value }
import-fault-contradicts = the same article with other data in row { $value }
import-fault-unknown-kind = unknown kind "{ $value }". For example: toner, drum, waste
import-fault-unknown-color = unknown colour "{ $value }". For example: black, cyan, magenta, yellow
import-fault-unknown-grade = unknown grade "{ $value }". Possible: genuine, compatible, refilled
import-fault-unknown-supplier = there is no supplier "{ $value }". Add it in the settings first
import-fault-not-yes-or-no = "{ $value }": write yes or no
import-fault-bad-price = "{ $value }" is no price. For example: 4500.00
import-fault-bad-number = "{ $value }" is no whole number within reason
import-fault-bad-fit = "{ $value }" is no model. For example: kyocera/ecosys m2040*
import-fault-formula-without-value = the formula { $value } has no value. Open the file in Excel and save it
import-fault-cell-error = the formula fails: { $value }
import-fault-too-long = too long: "{ $value }…"
import-fault-not-a-line = the cell holds a line break or a control character
article-field-part_number = Part number
article-field-vendor = Maker
article-field-name = Name
article-field-kind = Kind
article-field-color = Colour
article-field-yield_pages = Yield
article-field-grade = Grade
article-field-price = Net price
article-field-vat_percent = VAT
article-field-supplier = Supplier
article-field-supplier_article = Supplier's article
article-field-lead_days = Lead time
article-field-pack = Pack
article-field-code_1c = 1C code
article-field-barcode = Barcode
article-field-discontinued = Discontinued
article-field-fits = Fits

# What refills what.
suggestions-title = Matched articles
suggestions-wait = { $count ->
    [one] { $count } supply has an article that nobody has confirmed.
   *[other] { $count } supplies have an article that nobody has confirmed.
}
suggestions-look = Look
suggestions-confirm-all = { $count ->
    [one] Confirm the { $count } shown
   *[other] Confirm all { $count } shown
}
suggestions-more = and { $count } more
suggestions-empty = Nothing to confirm
suggestions-empty-next = Articles that Anykey itself has matched to the supplies of devices appear here.
suggestion-supply = Supply
suggestion-device = Device
suggestion-why = Why
suggestion-yes = Fits
suggestion-no = Does not fit
suggestion-confirmed = Confirmed: { $value }
suggestion-rejected = Not proposed again: { $value }
found-by-part-number = the device names this number
found-by-description = the number stands in the supply's description
found-by-same-model = confirmed on another such device
found-by-model = the catalogue says it fits this model
found-by-earlier = matched earlier
reference-title = Reference
reference-what = Well-known articles for the models you have. Tick what you need; price and supplier can follow later.
reference-add = Add what is ticked
reference-models = Your models
reference-nothing = Nothing to add
reference-nothing-next = The reference has nothing for your models, or the catalogue has it all.
reference-no-devices = No devices yet
reference-no-devices-next = When Anykey has found printers, their cartridges and drums appear here.
reference-added = Added to the catalogue: { $value }

# What the plan marked on a draft.
order-filler = To reach the supplier’s minimum of { $minimum }: asked for in { $due }, used up within { $cover }
order-below = { $missing } short of the supplier’s minimum: the order is { $total }, they take orders from { $minimum }.
order-below-next = Next to be needed is { $article }, { $day }. Wait until then, or approve it as it is.
order-below-alone = Nothing else of theirs will be needed soon. Wait, or approve it as it is.
order-cut = Not in the order: the branch’s limit for the month is { $limit }, { $spent } is ordered.
order-cut-risk = Somebody will be unable to print by { $until } with probability { $risk }, { $device } first.
order-cut-risk-any = Somebody will be unable to print by { $until } with probability { $risk }.
order-cut-lines = { $count ->
    [one] { $count } line is beyond the month’s limit: when you approve, it stays on a new draft.
   *[other] { $count } lines are beyond the month’s limit: when you approve, they stay on a new draft.
}
order-over-budget = { $value } is bought beyond the limit
order-over-budget-why = Beyond the limit: { $value }
order-over-budget-reason = Why it cannot wait
order-over-budget-buy = Buy it all the same

# Why an order did not leave by itself.
order-hold-no-price = { $count ->
    [one] Does not leave by itself: { $count } line has no price. Approve the order, or fill the price in.
   *[other] Does not leave by itself: { $count } lines have no price. Approve the order, or fill the prices in.
}
order-hold-no-limit = Does not leave by itself: the supplier has no weekly sum. Approve the order, or set one.
order-hold-below-minimum = Does not leave by itself: the order is { $total }, the supplier takes orders from { $minimum }.
order-hold-above-limit = Does not leave by itself: { $spent } left by itself this week, with this order ({ $total }) it would be above { $limit }. Approve it.
