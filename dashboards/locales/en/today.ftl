### Today.

today-todo = To do
today-done-title = All done for today
today-done-next = No open tickets, no orders to approve. What needs you will appear here.
today-start-title = Start with a range of addresses
today-start-next = Name the branch's network, for example 10.4.2.0/24. In a couple of minutes its printers and switches will be here.
today-sweeping-title = The network is being swept
today-sweeping-next = What is found will appear here by itself.
today-nothing-found-title = Nobody answered in the ranges
today-nothing-found-next = See at which step the sweep stopped: ping, SNMP or IPP. Mostly it is the community or a firewall.
today-approve = Approve order { $number } · { $supplier }
today-receive = Receive order { $number } · { $supplier }
today-stuck = Order { $number } did not leave · { $supplier }
today-article = Choose an article: { $value }
today-refused = { $count ->
    [one] { $count } address took none of the communities
   *[other] { $count } addresses took none of the communities
}
today-proposed = { $count ->
    [one] Neighbours name { $count } more network
   *[other] Neighbours name { $count } more networks
}
today-new = { $count ->
    [one] { $count } new device found in a day
   *[other] { $count } new devices found in a day
}
today-low = Running low
today-low-all = All
low-ordered = order { $number }, { $status }
low-not-ordered = not ordered
today-availability = Availability, 7 days
today-open-tickets = Open tickets
today-failed = { $count ->
    [0] no failed devices
    [one] { $count } failed device
   *[other] { $count } failed devices
}
today-supplies-low = Toner low
today-supplies-low-note = below threshold, other supplies counted
today-not-polled = Not polled
today-not-polled-note = no answer to polling for over an hour
order-lines = { $count ->
    [one] { $count } line
   *[other] { $count } lines
}
order-total-at-least = from { $value }
open = Open
look = Look
approve = Review
receive = Receive
choose = Choose
