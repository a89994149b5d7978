import socket

import pytest

from meetings.media.ingress.addresses import AddressPolicy


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:4700::1111", "1.1.1.1"])
def test_it_permits_public_addresses(address: str) -> None:
    assert AddressPolicy().permits(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.9.1",
        "0.0.0.0",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",  # behind a provider's NAT
        "169.254.169.254",  # where clouds keep their secrets
        "192.0.0.8",
        "198.18.0.1",
        "203.0.113.5",
        "224.0.0.1",
        "233.252.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::a00:1",
        "2002:7f00:1::",
        "2002:a00:1::1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "fc00::1",
        "fd12:3456::1",
        "ff02::1",
        "ff0e::1",
        "2001:db8::1",
        "2130706433",
        "0x7f.0.0.1",
        "127.1",
        "0177.0.0.1",
        "localhost",
        "",
    ],
)
def test_it_refuses_all_others(address: str) -> None:
    assert not AddressPolicy().permits(address)


def test_a_v4_address_may_come_wrapped() -> None:
    assert AddressPolicy().permits("::ffff:1.1.1.1")
    assert AddressPolicy().permits("64:ff9b::101:101")


def test_a_site_may_allow_its_own() -> None:
    policy = AddressPolicy(allow=["10.1.0.0/16", "127.0.0.1"])
    assert policy.permits("10.1.2.3") and policy.permits("127.0.0.1")
    assert policy.permits("::ffff:10.1.2.3")
    assert not policy.permits("10.2.0.1") and not policy.permits("127.0.0.2")
    assert policy.permits("1.1.1.1")


def test_what_the_system_takes_for_an_address_is_no_way_around() -> None:
    found = socket.getaddrinfo("2130706433", 80)
    assert not any(AddressPolicy().permits(str(entry[4][0])) for entry in found)
