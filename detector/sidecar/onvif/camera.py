"""A camera as ONVIF has it, by `onvif-zeep-async`, as far as we ask."""

import asyncio
import logging
import os
import ssl
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from importlib import import_module
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from ...errors import MissingLibrary
from .analytics import Analytic, Recognition, plain, recognising, recognition_in

_PULL: Final = timedelta(seconds=5)
_SUBSCRIBED: Final = timedelta(minutes=5)
_MESSAGES: Final = 100
_PROXIES: Final = ("http_proxy", "https_proxy")  # which the library takes out of the environment
_RULES: Final = "RuleEngineBinding"
# How a camera says that it does not know what it was asked.
_UNKNOWN: Final = ("ActionNotSupported", "NotImplemented", "not supported", "not implemented")


class Access(msgspec.Struct, frozen=True):
    """How a camera is asked.

    Attributes:
        scheme, host, port: where it is; nothing else is ever asked, whatever address it names.
        user, password: as whom; None as nobody.
        remove_rules: whether rules may be removed.
        ca: PEM of the certificates that the camera's is one of, or is signed by; None checks none.
    """

    scheme: str
    host: str
    port: int
    user: str | None = None
    password: str | None = None
    remove_rules: bool = False
    ca: str | None = None

    def __repr__(self) -> str:
        return f"Access({self.scheme}://{self.host}:{self.port})"

    def here(self, url: str | None) -> str | None:
        """The same path at the address that the site names."""
        return urlsplit(url)._replace(scheme=self.scheme, netloc=f"{self.host}:{self.port}").geturl() if url else url


def library() -> Any:
    """The library that speaks ONVIF.

    Raises:
        MissingLibrary: it is not installed.
    """
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        return import_module("onvif")
    except ImportError as error:
        raise MissingLibrary("sources with `onvif` need onvif-zeep-async; pip install 'facewarden[onvif]'") from error
    finally:  # it sets up the logs of whoever imports it
        root.handlers[:] = handlers
        root.setLevel(level)


class Camera:
    """One that answers; from the loop that opened it.

    Args:
        device, media, engine, rules: clients of its services.
    """

    def __init__(self, device: Any, media: Any, engine: Any, rules: Any) -> None:
        self._device, self._media, self._engine, self._rules = device, media, engine, rules
        self._manager: Any = None

    async def analytics(self) -> tuple[Analytic, ...]:
        """The rules and modules that are configured."""
        found: list[Analytic] = []
        for token in await self._configurations():
            of_rules, of_modules = await self._rule_types(token), await self._module_types(token)
            rules = await _asked(self._rules.GetRules, token)
            modules = await _asked(self._engine.GetAnalyticsModules, token)
            found += [_analytic("rule", one, token, of_rules) for one in rules or ()]
            found += [_analytic("module", one, token, of_modules) for one in modules or ()]
        return tuple(found)

    async def able(self) -> bool:
        """Whether it could recognise faces, were it told to."""
        for token in await self._configurations():
            if any((await self._rule_types(token)).values()) or any((await self._module_types(token)).values()):
                return True
        return False

    async def remove(self, rule: Analytic) -> None:
        """Remove a rule."""
        await self._rules.DeleteRules({"ConfigurationToken": rule.configuration, "RuleName": [rule.name]})

    async def listen(self, lost: Callable[[], None]) -> None:
        """Have it keep what it has to tell; `lost` is told where it no longer does."""
        self._manager = await self._device.create_pullpoint_manager(_SUBSCRIBED, lost)

    async def heard(self) -> list[Recognition]:
        """What it has recognised since; waits some seconds for that."""
        service = self._manager.get_service()
        answer = await service.PullMessages({"Timeout": _PULL, "MessageLimit": _MESSAGES})
        found = map(recognition_in, answer.NotificationMessage or ())
        return [one for one in found if one is not None]

    async def leave(self) -> None:
        """Tell it to keep nothing more."""
        if self._manager is not None:
            await self._manager.shutdown()

    async def _configurations(self) -> list[str]:
        return [str(one.token) for one in await self._media.GetVideoAnalyticsConfigurations() or ()]

    async def _rule_types(self, token: str) -> dict[str, bool]:
        """Whether each type of rules that it knows recognises faces."""
        described = await _asked(self._rules.GetSupportedRules, token)
        types = getattr(described, "RuleDescription", None) or ()
        return {plain(one.Name): recognising(one.Name, _topics(one)) for one in types}

    async def _module_types(self, token: str) -> dict[str, bool]:
        described = await _asked(self._engine.GetSupportedAnalyticsModules, token)
        types = getattr(described, "AnalyticsModuleDescription", None) or ()
        return {plain(one.Name): recognising(one.Name, _topics(one)) for one in types}


@asynccontextmanager
async def connected(access: Access) -> AsyncGenerator[Camera]:
    """A camera, for as long as the context lasts; raises whatever its library does."""
    onvif = library()
    device = _device(onvif, access)
    services: list[Any] = []
    try:
        await device.update_xaddrs()
        media, engine = await device.create_media_service(), await device.create_analytics_service()
        services.append(_equipped(await _rule_engine(onvif, device), access))
        camera = Camera(device, media, engine, services[0])
        try:
            yield camera
        finally:
            with suppress(Exception):  # it may be gone
                await asyncio.wait_for(camera.leave(), 2)
    finally:
        for one in (*services, device):
            await one.close()


def _device(onvif: Any, access: Access) -> Any:
    proxies = {name: os.environ[name] for name in _PROXIES if name in os.environ}
    host = f"{access.scheme}://{access.host}"
    device = onvif.ONVIFCamera(host, access.port, access.user, access.password, no_cache=True, adjust_time=True)
    os.environ.update(proxies)
    device.rewrite_url = access.here
    _equip(device, access)
    return device


class _Session:
    """A session of aiohttp that answers HTTP's own digest, and checks the camera's certificate where there is one to
    hold it against: cameras are called by addresses that their certificates seldom name.

    Args:
        session: does the work.
        access: says as whom, and by what certificates.
    """

    def __init__(self, session: Any, access: Access) -> None:
        self._session, self._more = session, dict[str, Any]()
        if access.user is not None:
            digest = import_module("aiohttp").DigestAuthMiddleware(access.user, access.password or "")
            self._more["middlewares"] = (digest,)
        if access.ca is not None:
            self._more["ssl"] = trusted = ssl.create_default_context(cadata=access.ca)
            trusted.check_hostname = False

    def post(self, *args: Any, **kwargs: Any) -> Any:
        return self._session.post(*args, **{**kwargs, **self._more})

    def get(self, *args: Any, **kwargs: Any) -> Any:
        return self._session.get(*args, **{**kwargs, **self._more})

    def __getattr__(self, name: str) -> Any:
        return getattr(self._session, name)


def _equip(device: Any, access: Access) -> None:
    """Have every service that the library makes use such a session."""
    make = device.create_onvif_service

    async def made(*args: Any, **kwargs: Any) -> Any:
        return _equipped(await make(*args, **kwargs), access)

    device.create_onvif_service = made


def _equipped(service: Any, access: Access) -> Any:
    if not isinstance(service.transport.session, _Session):
        service.transport.session = _Session(service.transport.session, access)
    return service


async def _rule_engine(onvif: Any, device: Any) -> Any:
    """The service of rules: at the address of the other one, by the same description."""
    address, described, binding = device.get_definition("analytics")
    named = f"{binding.rpartition('}')[0]}}}{_RULES}"
    service = onvif.ONVIFService(
        address, device.user, device.passwd, described, no_cache=True, dt_diff=device.dt_diff, binding_name=named
    )
    await service.setup()
    return service


async def _asked(operation: Any, token: str) -> Any:
    """What it answers on a configuration; None where it does not know that question, as many do not."""
    fault: Any = import_module("zeep.exceptions").Fault
    try:
        return await operation({"ConfigurationToken": token})
    except fault as error:
        said = f"{error} {' '.join(str(getattr(code, 'text', code)) for code in error.subcodes or ())}"
        if not any(word in said for word in _UNKNOWN):
            raise
        return None


def _topics(described: Any) -> list[object]:
    return [one.ParentTopic for one in getattr(described, "Messages", None) or ()]


def _analytic(kind: str, config: Any, token: str, types: dict[str, bool]) -> Analytic:
    type_ = plain(config.Type)
    return Analytic(kind, str(config.Name), type_, token, types.get(type_, False) or recognising(type_))
