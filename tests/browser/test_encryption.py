"""What encryption builds on holds in a browser, and a device's keys stay in the browser that made them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.support.checkout import serve_checkout

FILES = ["aes_gcm_256", "ed25519", "hkdf_sha256", "x25519", "hpke_x25519_sha256_aes256gcm"]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serve_checkout() as served:
        yield served


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    context = browser.new_context()
    page = context.new_page()
    page.goto(address)
    yield page
    context.close()


VECTORS = """
async () => {
  const { CHECKS, FILES } = await import("/tests/js/vector_checks.js");
  const library = await import("/porch/static/vendor/hpke.js");
  const found = {};
  for (const name of FILES) {
    const vectors = await (await fetch(`/tests/vectors/${name}.json`)).json();
    found[name] = vectors.length ? await CHECKS[name](vectors, library) : "none";
  }
  return found;
}
"""


def test_the_published_vectors_hold(page: Page) -> None:
    assert page.evaluate(VECTORS) == {name: [] for name in FILES}


TALK = """
async () => {
  const js = (name) => import(`/porch/static/js/${name}.js`);
  const { sealMessage, openMessage } = await js("crypto/envelope");
  const { newEpoch, openEpoch, messageKey } = await js("keys/epoch_keys");
  const { firstEpochKey, newSecret } = await js("crypto/sealed_keys");
  const { hpkeSuite } = await js("crypto/hpke");
  const { makeDevice } = await js("keys/device_keys");
  const { NO_HASH } = await js("crypto/fields");
  const suite = hpkeSuite(await import("/porch/static/vendor/hpke.js"));
  const [ada, bo] = [await makeDevice(1), await makeDevice(2)];
  const member = (one) => ({ user: one.user, identity: one.dsk_pub, end: NO_HASH, devices: [one] });
  const members = [ada, bo].map(member);
  const by = { dev: ada.dev, signer: ada.signing.privateKey };
  const verifier = ada.signing.publicKey;
  const { epoch } = await newEpoch({ suite, chat: 7, members, by, before: null });
  const made = { chat: 7, by_dev: ada.dev, before: null };
  const opened = await openEpoch({ suite, epoch, own: bo, verifier, expected: made });
  const expected = { chat: 7, epoch: 0, dev: ada.dev };
  const seen = { seen_seq: 0, seen_hash: NO_HASH };
  const head = { ...expected, client_id: crypto.randomUUID(), ctr: 1, ...seen };
  const said = [];
  for (const key of [await messageKey(opened.key), await firstEpochKey(newSecret())]) {
    const envelope = await sealMessage({ key, signer: by.signer, head, plain: { text: "The mast is up." } });
    const open = (one) => openMessage({ key, verifier, envelope: one, expected }).catch(({ code }) => code);
    said.push(await open(envelope), await open({ ...envelope, ctr: 2 }));
  }
  return said;
}
"""


def test_a_message_is_sealed_and_opened(page: Page) -> None:
    assert page.evaluate(TALK) == [{"text": "The mast is up."}, "signature"] * 2


KEEP = """
async () => {
  const { keepDevice, loadDevice, makeDevice } = await import("/porch/static/js/keys/device_keys.js");
  const { keyDatabase } = await import("/porch/static/js/keys/key_database.js");
  const db = await keyDatabase();
  const before = await loadDevice(db, 7);
  const made = [await makeDevice(7), await makeDevice(7)];
  const kept = await Promise.all(made.map((one) => keepDevice(db, one)));
  return { before, kept: kept.map(({ dev }) => dev) };
}
"""
USE = """
async (user) => {
  const { loadDevice } = await import("/porch/static/js/keys/device_keys.js");
  const { keyDatabase } = await import("/porch/static/js/keys/key_database.js");
  const device = await loadDevice(await keyDatabase(), user);
  if (!device) return null;
  const said = new Uint8Array([1, 2, 3]);
  const { privateKey, publicKey } = device.signing;
  const signature = await crypto.subtle.sign("Ed25519", privateKey, said);
  const read = [];
  for (const key of [privateKey, device.sealing.privateKey]) {
    for (const format of ["pkcs8", "jwk", "raw"]) {
      read.push(await crypto.subtle.exportKey(format, key).then(() => format, () => "refused"));
    }
  }
  return { dev: device.dev, signs: await crypto.subtle.verify("Ed25519", publicKey, signature, said), read };
}
"""


def test_a_devices_keys_outlive_the_page_and_are_never_read_out(page: Page) -> None:
    made = page.evaluate(KEEP)
    assert made["before"] is None
    first, second = made["kept"]
    assert first == second  # of two tabs that make one at once the first wins
    page.reload()
    assert page.evaluate(USE, 7) == {"dev": first, "signs": True, "read": ["refused"] * 6}
    assert page.evaluate(USE, 8) is None


SPOIL = """
async () => {
  const { forgetDevice, keepDevice, loadDevice, makeDevice } =
    await import("/porch/static/js/keys/device_keys.js");
  const { keyDatabase } = await import("/porch/static/js/keys/key_database.js");
  const db = await keyDatabase();
  const told = (promise) => promise.then((device) => device && device.dev, ({ code }) => code);
  const readable = await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"]);
  const made = await makeDevice(9);
  const found = [
    await told(keepDevice(db, { ...made, signing: readable })),
    await told(keepDevice(db, { ...made, user: 10 })),
    await told(keepDevice(db, { ...made, signing: (await makeDevice(9)).signing })),
    await told(loadDevice(db, 9)),
  ];
  await keepDevice(db, made);
  await forgetDevice(db, 9);
  return [...found, await told(loadDevice(db, 9))];
}
"""


def test_keys_that_can_be_read_out_or_are_anothers_are_not_kept(page: Page) -> None:
    assert page.evaluate(SPOIL) == ["extractable", "device", "device", None, None]
