"""A real SMTP server (aiosmtpd) for the tests of mail.

    python3 smtpd.py FOLDER

Prints one JSON line with its ports: plain (no login), starttls and tls (login app / app-pass-1; only when FOLDER holds
srv.pem and srv.key). Each mail becomes FOLDER/N.eml and, read by Python's own parser, FOLDER/N.json with its attachments
beside it. FOLDER/reply holds the answer to give to the next mails instead of 250 ("451 4.3.0 try later"). FOLDER/hang-up:
the mail is kept, but the connection ends before the answer, as when the machine dies there. Ends with its stdin.
"""
import email
import email.policy
import json
import os
import ssl
import sys

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

FOLDER = sys.argv[1]
USERS = {b"app": b"app-pass-1"}


def path(name):
    return os.path.join(FOLDER, name)


class Handler:
    count = 0

    async def handle_DATA(self, server, session, envelope):
        if os.path.exists(path("reply")):
            with open(path("reply")) as f:
                return f.read().strip()
        self.keep(envelope)
        if os.path.exists(path("hang-up")):
            server.transport.abort()
        return "250 2.0.0 queued"

    def keep(self, envelope):
        Handler.count += 1
        n = Handler.count
        with open(path(f"{n}.eml"), "wb") as f:
            f.write(envelope.content)
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        attachments = []
        for part in message.iter_attachments():
            file = path(f"{n}.attachment{len(attachments)}")
            with open(file, "wb") as f:
                f.write(part.get_payload(decode=True))
            attachments.append({
                "name": part.get_filename(),
                # What clients read that know no RFC 2231.
                "type_name": part["content-type"].params.get("name"),
                "type": part.get_content_type(),
                "file": file,
            })
        body = lambda kind: message.get_body((kind,)).get_content()
        facts = {
            "mail_from": envelope.mail_from,
            "rcpt_to": envelope.rcpt_tos,
            "headers": {k.lower(): str(v) for k, v in message.items()},
            "text": body("plain"),
            "html": body("html"),
            "attachments": attachments,
            "defects": [str(d) for part in message.walk() for d in part.defects],
        }
        # Written whole, then named: the test never reads half of it.
        with open(path(f"{n}.tmp"), "w") as f:
            json.dump(facts, f)
        os.rename(path(f"{n}.tmp"), path(f"{n}.json"))


def authenticate(server, session, envelope, mechanism, data):
    ok = isinstance(data, LoginPassword) and USERS.get(data.login) == data.password
    # handled=False: the server itself answers 535, else the client waits.
    return AuthResult(success=ok, handled=False)


class Port(Controller):
    """On a free port; the port is known when it listens."""

    def __init__(self, **options):
        super().__init__(Handler(), hostname="127.0.0.1", port=0, ready_timeout=20, **options)

    def _trigger_server(self):
        # Connecting to port 0 is what the library would do to see that it is up.
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


def main():
    ports = {"plain": Port()}
    if os.path.exists(path("srv.pem")):
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(path("srv.pem"), path("srv.key"))
        ports["starttls"] = Port(
            tls_context=context, require_starttls=True, auth_required=True, auth_require_tls=True, authenticator=authenticate
        )
        ports["tls"] = Port(ssl_context=context, auth_required=True, auth_require_tls=False, authenticator=authenticate)
    for port in ports.values():
        port.start()
    print(json.dumps({name: port.port for name, port in ports.items()}), flush=True)
    sys.stdin.read()
    os._exit(0)


main()
