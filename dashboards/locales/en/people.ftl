### Signing in, the first administrator, passwords.

sign-in-title = Sign in to Anykey
sign-in-login = Login
sign-in-password = Password
sign-in-enter = Sign in
sign-in-wrong = The login or the password does not fit. Check the keyboard layout and try again; an administrator can replace a forgotten password.
sign-in-wait = { $count ->
    [one] Too many attempts. Try again in { $count } minute.
   *[other] Too many attempts. Try again in { $count } minutes.
}
setup-title = The first administrator
setup-what = Anykey runs for the first time. Choose a login and a password: with them you will add the others.
setup-login-help = For example: petrov
setup-password-help = At least 10 characters; several words will do
setup-again = Password again
setup-differs = The passwords differ. Type the same one twice.
setup-finish = Create and sign in
setup-gone = This link was used or is too old. If there is an administrator, sign in. If not, restart Anykey: it prints a new link.
error-login = 2 to 64 characters: letters, digits, dot, dash, underscore, @.
error-password-short = Shorter than { $min } characters. Add a word.
error-password-long = Longer than { $max } characters. Shorten it.
error-password-login = The password contains the login. Choose another.
error-password-monotonous = One character over and over. Choose another.
