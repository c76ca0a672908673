"""A camera that speaks ONVIF: its services as SOAP, each question and each answer held against the schemas of the WSDL.

It answers what is asked of it here, authenticates by the digest of a password, and runs rules that can be removed.
"""

# The schemas come with the library that speaks ONVIF, which is not installed everywhere.
# pyright: basic, reportMissingImports=false, reportAttributeAccessIssue=false

import base64
import hashlib
import queue
import re
import ssl
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module
from pathlib import Path
from threading import Thread
from typing import Any, NamedTuple
from xml.sax.saxutils import quoteattr

XSD = "{http://www.w3.org/2001/XMLSchema}schema"
SOAP = "{http://www.w3.org/2003/05/soap-envelope}"
SPACES = {
    "tds": "http://www.onvif.org/ver10/device/wsdl", "trt": "http://www.onvif.org/ver10/media/wsdl",
    "tan": "http://www.onvif.org/ver20/analytics/wsdl", "tev": "http://www.onvif.org/ver10/events/wsdl",
    "tt": "http://www.onvif.org/ver10/schema", "wsa": "http://www.w3.org/2005/08/addressing",
    "wsnt": "http://docs.oasis-open.org/wsn/b-2", "tns1": "http://www.onvif.org/ver10/topics",
    "acme": "http://acme.example/analytics",
}  # fmt: skip
WSDL = {"tds": "devicemgmt", "trt": "media", "tan": "analytics", "tev": "events"}
_CONCRETE = "http://www.onvif.org/ver10/tev/topicExpression/ConcreteSet"


_TOKEN = [f"{{*}}{name}" for name in ("Username", "Password", "Nonce", "Created")]


_NONCE = "a9b1c3"
_DIGEST = re.compile(r'(\w+)=(?:"([^"]*)"|([^\s,]+))')


class Configured(NamedTuple):
    """A rule or a module."""

    name: str
    type: str


class OnvifCamera:
    """Answers at `url` until it is left.

    Args:
        rules, modules: that are configured.
        topics: by the type of a rule, the topic of its messages; what it has a topic of it supports.
        user, password: whom it answers.
        digest: whether it wants HTTP's own digest as well.
        tls: by what it is reached.

    Attributes:
        asked: operations, in order.
        digests: questions that knew HTTP's digest.
        wrong: what was asked or answered and is not as the WSDL says.
        refuses: operations that it answers with a fault.
    """

    def __init__(
        self, rules: tuple[Configured, ...] = (), modules: tuple[Configured, ...] = (),
        topics: dict[str, str] | None = None, user: str = "admin", password: str = "hunter2",
        digest: bool = False, tls: ssl.SSLContext | None = None,
    ) -> None:  # fmt: skip
        self.rules, self.modules, self.topics = list(rules), list(modules), topics or {}
        self.user, self.password = user, password
        self.asked: list[str] = []
        self.digests = 0
        self.wrong: list[str] = []
        self.refuses: set[str] = set()
        self._messages: queue.Queue[str] = queue.Queue()
        ours = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # an answer's body would wait 40 ms for the receipt of its head

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if digest and not ours.knows_digest(self.headers.get("Authorization", "")):
                    self.send_response(401)
                    self.send_header("WWW-Authenticate", f'Digest realm="camera", qop="auth", nonce="{_NONCE}"')
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                    return
                status, answer = ours.answer(body)
                self.send_response(status)
                self.send_header("Content-Type", "application/soap+xml")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request: Any, client_address: Any) -> None:
                pass  # whoever asked is gone

        self._server = Server(("127.0.0.1", 0), Handler)
        scheme = "http"
        if tls is not None:
            plain, scheme = self._server.socket, "https"
            self._server.socket = tls.wrap_socket(plain, server_side=True, do_handshake_on_connect=False)
        self.url = f"{scheme}://127.0.0.1:{self._server.server_port}/onvif/device_service"

    def say(self, topic: str, rule: str = "", operation: str = "", **data: str) -> None:
        """Tell whoever listens."""
        items = "".join(
            f"<tt:SimpleItem Name={quoteattr(key)} Value={quoteattr(value)}/>" for key, value in data.items()
        )
        source = f'<tt:Source><tt:SimpleItem Name="Rule" Value={quoteattr(rule)}/></tt:Source>' if rule else ""
        said = f' PropertyOperation="{operation}"' if operation else ""
        self._messages.put(
            f'<wsnt:NotificationMessage><wsnt:Topic Dialect="{_CONCRETE}">{topic}</wsnt:Topic><wsnt:Message>'
            f'<tt:Message UtcTime="{_now()}"{said}>{source}<tt:Data>{items}</tt:Data></tt:Message>'
            "</wsnt:Message></wsnt:NotificationMessage>"
        )

    def answer(self, body: bytes) -> tuple[int, bytes]:
        """The answer to an envelope."""
        etree: Any = import_module("lxml.etree")
        envelope = etree.fromstring(body)
        asked = envelope.find(f"{SOAP}Body")[0]
        operation = etree.QName(asked).localname
        self.asked.append(operation)
        if operation != "GetSystemDateAndTime" and not self._knows(envelope):
            return 400, _fault("ter:NotAuthorized", "Sender not Authorized")
        self._hold(asked)
        make: Callable[[Any], str] | None = getattr(self, f"_{operation}", None)
        if make is None or operation in self.refuses:
            return 500, _fault("ter:ActionNotSupported", f"{operation} is not supported")
        answer = etree.fromstring(_envelope(make(asked)))
        self._hold(answer.find(f"{SOAP}Body")[0])
        return 200, etree.tostring(answer)

    def knows_digest(self, said: str) -> bool:
        """Whether a header tells user and password as RFC 7616 wants it."""
        told = {key: quoted or plain for key, quoted, plain in _DIGEST.findall(said)}
        if told.get("username") != self.user or told.get("nonce") != _NONCE:
            return False
        who, what = (_md5(text) for text in (f"{self.user}:camera:{self.password}", f"POST:{told['uri']}"))
        proof = _md5(":".join((who, _NONCE, told["nc"], told["cnonce"], "auth", what)))
        self.digests += told["response"] == proof
        return told["response"] == proof

    def _knows(self, envelope: Any) -> bool:
        """Whether it is asked by its user, by the digest of a nonce, a moment and the password."""
        said = {one.tag.rpartition("}")[2]: one.text or "" for one in envelope.iter(*_TOKEN)}
        if said.get("Username") != self.user:
            return False
        content = base64.b64decode(said["Nonce"]) + said["Created"].encode() + self.password.encode()
        return said["Password"] == base64.b64encode(hashlib.sha1(content).digest()).decode()

    def _hold(self, element: Any) -> None:
        prefix = next((key for key in WSDL if element.tag.startswith("{" + SPACES[key])), None)
        if prefix is not None and not (schema := _schema(WSDL[prefix])).validate(element):
            self.wrong.append(f"{element.tag}: {schema.error_log.last_error}")

    def _GetSystemDateAndTime(self, _: Any) -> str:  # noqa: N802 - as all of these are called by the WSDL
        now = datetime.now(UTC)
        time = _said("Time", Hour=now.hour, Minute=now.minute, Second=now.second)
        date = _said("Date", Year=now.year, Month=now.month, Day=now.day)
        kind = "<tt:DateTimeType>NTP</tt:DateTimeType><tt:DaylightSavings>false</tt:DaylightSavings>"
        about = f"<tds:SystemDateAndTime>{kind}<tt:UTCDateTime>{time}{date}</tt:UTCDateTime></tds:SystemDateAndTime>"
        return f"<tds:GetSystemDateAndTimeResponse>{about}</tds:GetSystemDateAndTimeResponse>"

    def _GetServices(self, _: Any) -> str:  # noqa: N802
        """It names itself as it is called in a network that is not ours."""
        version = "<tds:Version><tt:Major>2</tt:Major><tt:Minor>4</tt:Minor></tds:Version>"
        services = (
            f"<tds:Service><tds:Namespace>{SPACES[key]}</tds:Namespace>"
            f"<tds:XAddr>http://192.0.2.7/onvif/{WSDL[key]}</tds:XAddr>{version}</tds:Service>"
            for key in WSDL
        )
        return f"<tds:GetServicesResponse>{''.join(services)}</tds:GetServicesResponse>"

    def _GetVideoAnalyticsConfigurations(self, _: Any) -> str:  # noqa: N802
        engines = "<tt:AnalyticsEngineConfiguration/><tt:RuleEngineConfiguration/>"
        named = "<tt:Name>va0</tt:Name><tt:UseCount>1</tt:UseCount>"
        one = f'<trt:Configurations token="va0">{named}{engines}</trt:Configurations>'
        return f"<trt:GetVideoAnalyticsConfigurationsResponse>{one}</trt:GetVideoAnalyticsConfigurationsResponse>"

    def _GetSupportedRules(self, _: Any) -> str:  # noqa: N802
        described = "".join(_description("RuleDescription", *pair) for pair in self.topics.items())
        return (
            "<tan:GetSupportedRulesResponse><tan:SupportedRules>"
            f"{described}</tan:SupportedRules></tan:GetSupportedRulesResponse>"
        )

    def _GetSupportedAnalyticsModules(self, _: Any) -> str:  # noqa: N802
        described = "".join(_description("AnalyticsModuleDescription", one.type, "") for one in self.modules)
        return (
            "<tan:GetSupportedAnalyticsModulesResponse><tan:SupportedAnalyticsModules>"
            f"{described}</tan:SupportedAnalyticsModules></tan:GetSupportedAnalyticsModulesResponse>"
        )

    def _GetRules(self, _: Any) -> str:  # noqa: N802
        return f"<tan:GetRulesResponse>{''.join(_config('Rule', one) for one in self.rules)}</tan:GetRulesResponse>"

    def _GetAnalyticsModules(self, _: Any) -> str:  # noqa: N802
        told = "".join(_config("AnalyticsModule", one) for one in self.modules)
        return f"<tan:GetAnalyticsModulesResponse>{told}</tan:GetAnalyticsModulesResponse>"

    def _DeleteRules(self, asked: Any) -> str:  # noqa: N802
        names = [one.text for one in asked.iter(f"{{{SPACES['tan']}}}RuleName")]
        self.rules = [rule for rule in self.rules if rule.name not in names]
        return "<tan:DeleteRulesResponse/>"

    def _CreatePullPointSubscription(self, _: Any) -> str:  # noqa: N802
        here = "<wsa:Address>http://192.0.2.7/onvif/subscription</wsa:Address>"
        return (
            "<tev:CreatePullPointSubscriptionResponse>"
            f"<tev:SubscriptionReference>{here}</tev:SubscriptionReference>{_times('wsnt')}"
            "</tev:CreatePullPointSubscriptionResponse>"
        )

    def _PullMessages(self, _: Any) -> str:  # noqa: N802
        try:
            told = self._messages.get(timeout=0.3)
        except queue.Empty:
            told = ""
        return f"<tev:PullMessagesResponse>{_times('tev')}{told}</tev:PullMessagesResponse>"

    def _Renew(self, _: Any) -> str:  # noqa: N802
        ends = f"<wsnt:TerminationTime>{_now(300)}</wsnt:TerminationTime><wsnt:CurrentTime>{_now()}</wsnt:CurrentTime>"
        return f"<wsnt:RenewResponse>{ends}</wsnt:RenewResponse>"

    def _Unsubscribe(self, _: Any) -> str:  # noqa: N802
        return "<wsnt:UnsubscribeResponse/>"

    def __enter__(self) -> "OnvifCamera":
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


@cache
def _schema(name: str) -> Any:
    etree: Any = import_module("lxml.etree")
    path = Path(str(import_module("onvif").__file__)).parent / "wsdl" / f"{name}.wsdl"
    found = etree.parse(str(path)).find(f".//{XSD}")
    return etree.XMLSchema(etree.fromstring(etree.tostring(found), base_url=str(path)))


def _config(tag: str, one: Configured) -> str:
    return f'<tan:{tag} Name={quoteattr(one.name)} Type="{one.type}"><tt:Parameters/></tan:{tag}>'


def _description(tag: str, type: str, topic: str) -> str:  # noqa: A002
    said = f"<tt:Messages><tt:ParentTopic>{topic}</tt:ParentTopic></tt:Messages>" if topic else ""
    return f'<tt:{tag} Name="{type}"><tt:Parameters/>{said}</tt:{tag}>'


def _said(tag: str, **values: int) -> str:
    return f"<tt:{tag}>{''.join(f'<tt:{key}>{value}</tt:{key}>' for key, value in values.items())}</tt:{tag}>"


def _times(prefix: str) -> str:
    now, then = f"<{prefix}:CurrentTime>{_now()}</{prefix}:CurrentTime>", _now(300)
    return f"{now}<{prefix}:TerminationTime>{then}</{prefix}:TerminationTime>"


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _now(later: float = 0) -> str:
    return (datetime.now(UTC) + timedelta(seconds=later)).strftime("%Y-%m-%dT%H:%M:%SZ")


def _envelope(body: str) -> bytes:
    spaces = " ".join(f'xmlns:{key}="{url}"' for key, url in SPACES.items())
    return f'<s:Envelope xmlns:s="{SOAP[1:-1]}" {spaces}><s:Body>{body}</s:Body></s:Envelope>'.encode()


def _fault(code: str, text: str) -> bytes:
    subcode = f'<s:Subcode><s:Value xmlns:ter="http://www.onvif.org/ver10/error">{code}</s:Value></s:Subcode>'
    why = f'<s:Reason><s:Text xml:lang="en">{text}</s:Text></s:Reason>'
    return _envelope(f"<s:Fault><s:Code><s:Value>s:Sender</s:Value>{subcode}</s:Code>{why}</s:Fault>")
