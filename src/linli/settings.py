"""Deployment settings, from the environment (`LINLI_…`). What members earn is a programme's matter, not a setting."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from linli.kit.clock import BusinessCalendar, Clock, file_clock, system_clock


class Settings(BaseSettings):
    """Read once at the edge, and passed on."""

    model_config = SettingsConfigDict(env_prefix="LINLI_", extra="ignore", frozen=True)

    home: Path = Field(default_factory=lambda: Path.home() / ".linli", description="Where embedded data lives.")
    database_url: SecretStr | None = Field(default=None, description="Any PostgreSQL; none: the embedded one.")
    database_name: str = Field(default="linli", description="Database within the embedded server.")
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = Field(default=1, ge=1, le=64, description="API processes.")
    writers: int = Field(default=2, ge=1, le=16, description="Batches that may commit at once, per process.")
    batch_events: int = Field(default=250, ge=1, le=5_000, description="Events gathered into one commit at the most.")
    timezone: str = Field(default="Asia/Shanghai", description="Zone of business dates.")
    preset: str = Field(default="neighbours", description="Programme published where none is.")
    dev_api_key: SecretStr | None = Field(default=None, description="Key for development; made where none is given.")
    clock_file: Path | None = Field(default=None, description="Tests and replays: a file that holds the present time.")
    admin_password: SecretStr | None = Field(default=None, description="First administrator's; made where none is.")
    session_idle_minutes: int = Field(default=120, ge=5, description="A session that is not used ends after so long.")
    session_hours: int = Field(default=12, ge=1, le=720, description="A session ends after so long, used or not.")
    four_eyes: bool = Field(default=True, description="What wants approval is approved by a second person.")
    member_token_minutes: int = Field(default=120, ge=1, le=43_200, description="Lifetime of a member's token.")
    proxies: int = Field(
        default=0, ge=0, le=10, description="Proxies of our own in front, whose X-Forwarded-For is believed."
    )
    invite_link: str = Field(
        default="/m/#/pages/enter/enter?invite={code}", pattern=r"\{code\}",
        description="Where an invitation leads: the shop's page for new members, with {code}; or a page of ours.",
    )  # fmt: skip
    wechat_base_url: str = Field(default="https://api.weixin.qq.com", description="WeChat's server, or a fake of it.")
    wechat_app_id: str = Field(default="", description="The mini-program's AppID; none: nobody signs in by WeChat.")
    wechat_secret: SecretStr | None = Field(default=None, description="The mini-program's AppSecret.")
    lottery_key: SecretStr | None = Field(
        default=None, description="What seals the seeds of lotteries; made once in the home where none is given."
    )
    payments: Literal["off", "wechat", "fake"] = Field(
        default="off", description="Who takes the cash part of orders: nobody, WeChat Pay, or a demonstration of it."
    )
    pay_minutes: int = Field(default=15, ge=1, le=120, description="How long an order waits to be paid for.")
    wechat_pay_base_url: str = Field(default="https://api.mch.weixin.qq.com", description="WeChat Pay, or a fake.")
    wechat_pay_notify_url: str = Field(
        default="", description="Where WeChat Pay reaches us from outside: …/v1/payments/wechat/notices."
    )
    wechat_pay_mch_id: str = Field(default="", description="The merchant's number.")
    wechat_pay_serial: str = Field(default="", description="Serial number of the merchant's certificate.")
    wechat_pay_private_key: Path | None = Field(default=None, description="The merchant's key, a PEM file.")
    wechat_pay_api_v3_key: SecretStr | None = Field(default=None, description="The APIv3 key, 32 characters.")
    wechat_pay_public_key: Path | None = Field(default=None, description="WeChat Pay's public key, a PEM file.")
    wechat_pay_public_key_id: str = Field(default="", description="Its id: PUB_KEY_ID_….")
    pages: Path | None = Field(default=None, description="Built front ends; none: those in the package.")
    broker_url: SecretStr | None = Field(default=None, description="nats://, amqp://, redis:// or kafka://")
    broker_subject: str = Field(default="linli.events", description="Subject, queue, stream or topic of events.")
    broker_in_hand: int = Field(default=500, ge=1, le=10_000, description="Messages taken from a broker at one time.")
    broker_redeliver_seconds: float = Field(
        default=90, gt=0, description="NATS, Redis: a message unacknowledged for so long is delivered again."
    )

    @cached_property
    def clock(self) -> Clock:
        """The clock that the edge reads."""
        return file_clock(self.clock_file) if self.clock_file else system_clock

    @cached_property
    def calendar(self) -> BusinessCalendar:
        """Business dates."""
        return BusinessCalendar(self.timezone)
