### Supplies and orders.

tabs-label = Views of the list
actions = Actions
remove = Remove

## Supplies

needs-current = Needed now
needs-without-article = No article named
needs-closed = Closed
needs-empty = Nothing runs low
needs-empty-next = When toner or another supply reaches its threshold, it appears here, and a line in a draft order.
needs-none-closed = No needs have closed yet
needs-none-closed-next = History stays here: what ran low, and how it ended.
needs-all-named = Every need has its article
needs-all-named-next = If Anykey does not recognise a cartridge, it asks here.
need-what = What
need-where = Where
need-level = Level
need-quantity = Qty
need-state = What next
need-opened = Since
need-branch = Branch
need-number = Need no. { $value }
need-no-article = no article named
need-more-devices = { $count ->
    [one] and { $count } more device
   *[other] and { $count } more devices
}
need-name-article = Name the article
need-name-supplier = Name the supplier
need-open = Waits for an order
need-closed-done = closed
need-closed-replaced = replaced
need-closed-received = received
need-why-title = Why
need-why = It was { $value } at first
need-why-threshold = It was { $value } at first, the threshold is { $threshold }
need-no-reasons = No readings any more: the supply was replaced or the device retired.
need-order-title = Order
need-open-order = Open order { $value }
need-answer-title = What answers it
need-supplier-missing = The article has no supplier, so it is on no order.
need-set-supplier = Set the supplier
need-no-catalogue = The catalogue is empty. Add an article: what the device tells is filled in.
need-new-article = New article
need-article = Article
need-article-fits = Those that fit this device come first
need-article-none-fits = No article is marked as fitting: check before you choose
need-set-article = Set
need-choose-article = Choose an article from the list.
need-article-set = The article is set
need-dismiss-title = Do not order
need-reason = Reason
need-reason-help = For example: in stock; the device will be retired
need-say-why = Write the reason: it stays in the history.
need-dismiss = Close without an order
need-dismissed = The need was closed without an order

## Orders

orders-all = All
orders-draft = Drafts
orders-approved = Approved
orders-sent = Sent
orders-confirmed = Confirmed
orders-partly-received = Partly received
orders-closed = Closed
orders-cancelled = Cancelled
orders-empty = No orders yet
orders-empty-next = A draft appears by itself when a supply with an article and a supplier runs low.
orders-no-drafts = Nothing to approve
orders-no-drafts-next = All drafts are approved. A new one appears by itself when something runs low.
order-number = Number
order-supplier = Supplier
order-status = State
orders-lines = Lines
order-total = Net total
order-created = Created
order-approved-by = Approved by
order-at-least = from { $value }
order-mail-failed = not sent
order-title = Order { $value }
order-save = Save quantities
order-approve = Approve and send
order-cancel = Cancel the order
order-more = More
order-print = For print
order-mail-will = Once approved, the order leaves by mail to { $value }.
order-mail-waiting = The mail to { $value } waits to be sent.
order-mail-sent = The mail was sent to { $value }
order-mail-not-sent = The mail to { $value } was not sent.
order-webhook-will = Once approved, the order goes to the supplier's webhook.
order-webhook-waiting = The call to webhook { $value } waits to be sent.
order-webhook-sent = The order was handed to webhook { $value }
order-webhook-not-sent = Webhook { $value } did not take the order.
order-mail-attempts = { $count ->
    [one] { $count } attempt.
   *[other] { $count } attempts.
}
order-mail-next = Next { $value }.
mail-advice-not-set = No mail server is set: add [smtp] to the configuration and restart Anykey.
mail-advice-login = The mail server refused the login or password: check them in [smtp].
mail-advice-recipient = The receiving server does not take this address: check the supplier's e-mail.
mail-advice-tls = No secure connection: check the server's name and certificate.
mail-advice-unreachable = The mail server cannot be reached: check address, port and network. The mail is not lost.
webhook-advice = The order is not lost, Anykey tries again by itself. The webhook's address and secret are on the supplier's page.
mail-advice-other = The mail is not lost, Anykey tries again by itself.
order-lines-count = { $count ->
    [one] { $count } line
   *[other] { $count } lines
}
order-no-lines = No lines left: the needs closed or were taken off.
order-article = Article
order-why = What for
order-price = Price
order-vat = VAT
order-sum = Sum
order-net = Net
order-gross = Total
order-no-price = no price
order-unpriced = { $count ->
    [one] { $count } line without a price is not in the total.
   *[other] { $count } lines without a price are not in the total.
}
order-supplier-article = supplier's article { $value }
order-quantity-of = Quantity of { $value }
order-wrong-quantity = A whole number from 0 to { $count }; 0 takes the line off.
order-approved-who = approved by { $value }
order-saved = Order { $value } saved
order-was-approved = Order { $value } approved and leaving
order-was-cancelled = Order { $value } cancelled, its needs are open again
order-date = Date
order-row = No.
order-prepared = Prepared by
order-agreed = Agreed
order-confirmed = Approved
order-xlsx = XLSX
