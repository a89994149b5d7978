import assert from "node:assert/strict";
import { test } from "node:test";
import { ChatLog, partsOf } from "../../static/meetings/chat-log.js";

const ME = 7;
const said = (id, participant = 8, key = `k${id}`) => ({ id, participant, key });
const ids = (log) => log.kept.map(({ id }) => id);

test("it makes links of addresses and of nothing else", () => {
  const links = (text) => {
    const parts = partsOf(text);
    assert.equal(parts.map(({ text }) => text).join(""), text);
    return parts.filter(({ href }) => href).map(({ href }) => href);
  };
  assert.deepEqual(links("See https://a.example/b?c=d."), ["https://a.example/b?c=d"]);
  assert.deepEqual(links("(https://a.example/b), or"), ["https://a.example/b"]);
  assert.deepEqual(links("https://a.example/b_(c)"), ["https://a.example/b_(c)"]);
  assert.deepEqual(links("javascript:x data:x ftp://a.example <b>"), []);
  assert.deepEqual(links("https:// https://) https://..."), []);
});

test("it has messages in order, each once, however they come", () => {
  const log = new ChatLog(ME);
  assert.equal(log.take(said(3)), true);
  assert.equal(log.take(said(3)), false);
  assert.deepEqual(log.takeSoFar([said(1), said(2), said(3)]), [said(1), said(2)]);
  assert.deepEqual(ids(log), [1, 2, 3]);
});

test("it asks again for what was told while nobody listened", () => {
  const log = new ChatLog(ME);
  log.takeSoFar([said(1)]);
  log.take(said(4)); // 2 and 3 may be on their way
  assert.equal(log.readTo, 1);
});

test("what we say stands apart until the server has it", () => {
  const log = new ChatLog(ME);
  log.say("mine", "Hello");
  assert.deepEqual(log.own, [{ key: "mine", text: "Hello", why: "" }]);
  log.take(said(1, 8, "mine")); // another's message under our key
  assert.equal(log.own.length, 1);
  log.take(said(2, ME, "mine"));
  assert.deepEqual(log.own, []);
});

test("what was lost and had arrived is not there twice", () => {
  const log = new ChatLog(ME);
  log.say("one", "Hello");
  log.say("two", "Still here?");
  log.failAll("lost");
  log.takeSoFar([said(5, ME, "one")]);
  assert.deepEqual(
    log.own.map(({ key, why }) => [key, why]),
    [["two", "lost"]],
  );
  assert.equal(log.fail("one", "no answer"), false);
});

test("it counts what others wrote since one read", () => {
  const log = new ChatLog(ME);
  log.takeSoFar([said(1), said(2, ME), said(3), said(4)]);
  assert.equal(log.unread(0), 3);
  assert.equal(log.unread(3), 1);
  assert.equal(log.unread(4), 0);
});
