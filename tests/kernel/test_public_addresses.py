"""Which addresses may be connected to where somebody else has named the host."""

from __future__ import annotations

import pytest

from kernel.public_addresses import AllowedNetworks


@pytest.mark.parametrize(
    "address",
    [
        *("0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.100.100.200", "127.0.0.1", "127.255.255.254"),
        *("169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.192", "192.0.2.1", "192.88.99.1", "192.168.0.1"),
        *("198.18.0.1", "198.51.100.1", "203.0.113.9", "224.0.0.1", "240.0.0.1", "255.255.255.255", "168.63.129.16"),
        *("::", "::1", "::7f00:1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "64:ff9b::10.0.0.1", "64:ff9b::7f00:1"),
        *("64:ff9b:1::1", "100::1", "2001::1", "2001:db8::1", "2002:a00:1::", "3fff::1", "fc00::1", "fd00:ec2::254"),
        *("fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "5f00::1", "localhost", "", "1.2.3", "8.8.8.8/32"),
    ],
)
def test_an_address_that_is_not_public_is_not_permitted(address: str) -> None:
    assert not AllowedNetworks().permits(address)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "93.184.215.14", "172.32.0.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8"]
)
def test_a_public_one_is(address: str) -> None:
    assert AllowedNetworks().permits(address)
    assert not AllowedNetworks().lists(address)


def test_a_network_that_the_setting_names_is_permitted_and_no_other() -> None:
    networks = AllowedNetworks(["10.1.0.0/16", "::1", "192.168.7.9/24"])

    permitted = [networks.permits(one) for one in ("10.1.2.3", "::ffff:10.1.2.3", "10.2.0.1", "::1", "192.168.7.1")]

    assert permitted == [True, True, False, True, True]
    with pytest.raises(ValueError, match=r"'10\.0\.0\.0/99' is no network"):
        AllowedNetworks(["10.0.0.0/99"])
