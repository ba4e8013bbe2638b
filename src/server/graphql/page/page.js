// Sends what is typed and shows what is answered; subscriptions go over a WebSocket.
"use strict";
const at = (id) => document.getElementById(id);
const show = (value) => { at("answer").textContent = JSON.stringify(value, null, 2); };
const key = () => at("key").value.trim();
let socket = null;

const SCHEMA = `{ __schema { queryType { name } mutationType { name } subscriptionType { name }
  types { name kind description
    fields { name description args { name type { name kind ofType { name kind } } }
      type { name kind ofType { name kind } } } } } }`;

at("query").value = `{
  health { status version hexads }
  hexads(first: 5) { totalCount nodes { id title types } pageInfo { endCursor } }
}`;

async function ask(query, variables) {
  const headers = { "content-type": "application/json" };
  if (key()) headers.authorization = `Bearer ${key()}`;
  const body = JSON.stringify({ query, variables });
  const answer = await fetch("/graphql", { method: "POST", headers, body });
  show(await answer.json());
}

function subscribe(query, variables) {
  const address = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/graphql`;
  const seen = [];
  socket = new WebSocket(address, "graphql-transport-ws");
  const send = (message) => socket.send(JSON.stringify(message));
  const payload = key() ? { authorization: `Bearer ${key()}` } : {};
  socket.onopen = () => send({ type: "connection_init", payload });
  socket.onmessage = (event) => {
    const message = JSON.parse(event.data);
    if (message.type === "connection_ack") send({ id: "1", type: "subscribe", payload: { query, variables } });
    if (message.type === "ping") send({ type: "pong" });
    if (message.type === "next" || message.type === "error") { seen.unshift(message.payload); show(seen); }
    if (message.type === "complete") stop();
  };
  socket.onclose = (event) => { if (event.reason) show({ closed: event.reason }); stop(); };
  at("stop").disabled = false;
}

function stop() {
  if (socket) socket.close();
  socket = null;
  at("stop").disabled = true;
}

async function run() {
  stop();
  try {
    const query = at("query").value;
    const variables = JSON.parse(at("variables").value || "{}");
    if (/^\s*subscription\b/.test(query)) subscribe(query, variables);
    else await ask(query, variables);
  } catch (error) {
    show({ error: String(error) });
  }
}

at("run").onclick = run;
at("stop").onclick = stop;
at("schema").onclick = () => ask(SCHEMA, {});
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); run(); }
});
