/** From signing in to a booking, as a page would do it; the same in Node.js and in a browser. */

import type { Api } from "./api.js";
import type { components } from "./parlour.js";
import { inWords, refused, wanted } from "./problem.js";
import type { Session } from "./session.js";

export type Say = (line: string) => void;
type Booking = components["schemas"]["BookingOut"];
type Rehearsal = components["schemas"]["BookingRehearsed"];
type Service = components["schemas"]["ServiceOut"];
type Slot = components["schemas"]["SlotOut"];

/** Throws where anything is not as it should be. Nothing is left behind but a cancelled booking. */
export async function walk(api: Api, session: Session, say: Say): Promise<void> {
  const account = await session.signIn("client1@parlour.example", "parlour-demo-2026");
  say(`Signed in as ${account.name}, ${account.role}.`);
  const service = await chooseService(api, say);
  const slot = await chooseSlot(api, service, say);
  await showWrongFields(api, service, slot, say);
  const booking = await book(api, service, slot, say);
  try {
    await showThatItIsTaken(api, service, slot, say);
    await readTwice(api, session, booking, say);
  } finally {
    await cancel(api, booking, say);
  }
}

async function chooseService(api: Api, say: Say): Promise<Service> {
  const answer = await api.GET("/api/services", { params: { query: { q: "haircut", sort: "price", limit: 5 } } });
  const { items } = wanted(answer);
  for (const service of items) say(`${service.name}: ${service.duration_minutes} minutes, ${inMoney(service.price)}`);
  say(`ETag ${header(answer.response, "ETag")}, request ${header(answer.response, "X-Request-ID")}`);
  return first(items);
}

async function chooseSlot(api: Api, service: Service, say: Say): Promise<Slot> {
  const query = { service_id: [service.id], from: dateIn(21), to: dateIn(27) };
  const { days, timezone } = wanted(await api.GET("/api/bookings/availability", { params: { query } }));
  const slots = days.flatMap((day) => day.slots ?? []);
  say(`${slots.length} slots in a week, by the clocks of ${timezone}.`);
  return first(slots);
}

async function showWrongFields(api: Api, service: Service, slot: Slot, say: Say): Promise<void> {
  const body = { service_id: service.id, starts_at: slot.starts_at, party_size: 0, notes: "x".repeat(5000) };
  const problem = refused(await api.POST("/api/bookings", { body }));
  if (problem.errors?.["party_size"] === undefined) throw new Error("The problem does not name the field.");
  inWords(problem).forEach((line) => say(line));
}

async function book(api: Api, service: Service, slot: Slot, say: Say): Promise<Booking> {
  const request = {
    params: { header: { "Idempotency-Key": crypto.randomUUID() } },
    body: { service_id: service.id, staff_id: first(slot.staff_ids), starts_at: slot.starts_at },
  };
  const answer = await api.POST("/api/bookings", request);
  const booking = made(wanted(answer));
  say(`Booked ${booking.reference}, ${booking.status}: ${header(answer.response, "Location")}`);
  const again = await api.POST("/api/bookings", request); // as after an answer that was lost on its way
  if (wanted(again).id !== booking.id) throw new Error("The same key has made another booking.");
  say(`Asked again, the same booking; replayed: ${header(again.response, "Idempotent-Replayed")}`);
  return booking;
}

/** Return a booking. Throws where it is a rehearsal, which has no id: nobody has asked for one by `dry_run`. */
function made(booking: Booking | Rehearsal): Booking {
  if (booking.id === null) throw new Error("It was only rehearsed.");
  return booking as Booking;
}

async function showThatItIsTaken(api: Api, service: Service, slot: Slot, say: Say): Promise<void> {
  const body = { service_id: service.id, staff_id: first(slot.staff_ids), starts_at: slot.starts_at };
  const problem = refused(await api.POST("/api/bookings", { body }));
  if (problem.code !== "slot_taken") throw new Error(`Expected slot_taken, got ${problem.code}.`);
  inWords(problem).forEach((line) => say(line));
}

/** Two calls at once without a valid access token: both are answered, and it was refreshed once. */
async function readTwice(api: Api, session: Session, booking: Booking, say: Say): Promise<void> {
  const day = booking.starts_at.slice(0, 10);
  session.forgetAccessToken();
  const [one, list] = await Promise.all([
    api.GET("/api/bookings/{booking_id}", { params: { path: { booking_id: booking.id } } }),
    api.GET("/api/bookings", { params: { query: { status: [booking.status], from: day, to: day } } }),
  ]);
  if (!wanted(list).items.some(({ id }) => id === wanted(one).id)) throw new Error("The list lacks the booking.");
  say(`Read ${wanted(one).reference} after a silent refresh.`);
}

async function cancel(api: Api, booking: Booking, say: Say): Promise<void> {
  const params = { path: { booking_id: booking.id }, header: { "If-Match": `"${booking.version}"` } };
  const body = { reason: "Only trying." };
  const { reference, status } = wanted(await api.POST("/api/bookings/{booking_id}/cancel", { params, body }));
  say(`${reference} is ${status}.`);
}

/** Return a header. Throws where there is none, or where the page may not read it. */
function header(response: Response, name: string): string {
  const value = response.headers.get(name);
  if (value === null) throw new Error(`The answer has no ${name}, or hides it.`);
  return value;
}

function first<T>(list: T[]): T {
  const [one] = list;
  if (one === undefined) throw new Error("There is none.");
  return one;
}

function inMoney({ amount, currency }: components["schemas"]["Money"]): string {
  const format = new Intl.NumberFormat("en", { style: "currency", currency });
  return format.format(amount / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
}

function dateIn(days: number): string {
  return new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
}
