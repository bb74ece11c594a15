"""What may be asked of Stripe with a secret key: an operation for each request, given its form."""

from dataclasses import dataclass

from tests.integrations.payments.stripe_checks import Refused, Thing, amount_in, currency_in, missing, unreadable
from tests.integrations.payments.stripe_things import Things, created_since, newest_first, now, unexpected_state


@dataclass
class Rules(Things):
    """Stripe's API, as far as payments, refunds and stored cards go."""

    def create_payment_intent(self, form: Thing) -> Thing:
        """POST /v1/payment_intents"""
        amount, currency = amount_in(form, currency_in(form)), currency_in(form)
        method, customer = form.get("payment_method"), form.get("customer")
        self._check_customer(customer)
        if method is not None:
            self._check_method(method, customer)
        types = form.get("payment_method_types")
        intent = self.new("pi", "payment_intent", self.intents) | {
            "amount": amount,
            "amount_received": 0,
            "automatic_payment_methods": None if types else {"allow_redirects": "always", "enabled": True},
            "currency": currency,
            "customer": customer,
            "last_payment_error": None,
            "latest_charge": None,
            "metadata": form.get("metadata", {}),
            "next_action": None,
            "payment_method": method,
            "payment_method_types": types or ["card", "link"],
            "status": "requires_confirmation" if method else "requires_payment_method",
        }
        intent["client_secret"] = f"{intent['id']}_secret_{next(self._numbers):08d}"
        self.intents[intent["id"]] = intent
        self.tell("payment_intent.created", intent)
        return intent

    def confirm_payment_intent(self, form: Thing, name: str) -> Thing:
        """POST /v1/payment_intents/{id}/confirm"""
        intent = self._intent(name)
        if intent["automatic_payment_methods"] and "return_url" not in form:
            raise unreadable("return_url", "Some of these payment methods redirect: you must provide a `return_url`.")
        return self._confirm(intent, form.get("payment_method"))

    def cancel_payment_intent(self, form: Thing, name: str) -> Thing:
        """POST /v1/payment_intents/{id}/cancel"""
        intent = self._intent(name)
        if intent["status"] in {"succeeded", "canceled", "processing"}:
            raise unexpected_state(intent, "cancel")
        intent |= {"status": "canceled", "next_action": None, "canceled_at": now()}
        self.tell("payment_intent.canceled", intent)
        return intent

    def retrieve_payment_intent(self, form: Thing, name: str) -> Thing:
        """GET /v1/payment_intents/{id}"""
        return self._intent(name)

    def list_payment_intents(self, form: Thing) -> list[Thing]:
        """GET /v1/payment_intents?created[gte]="""
        return created_since(form, newest_first(self.intents))

    def create_refund(self, form: Thing) -> Thing:
        """POST /v1/refunds"""
        intent = self._intent(form.get("payment_intent", ""))
        if intent["status"] != "succeeded":
            raise Refused(400, "This PaymentIntent does not have a successful charge to refund.")
        if not self.has_money:
            raise Refused(
                400, "Insufficient funds in your Stripe balance to refund this amount.", code="balance_insufficient"
            )
        return self._refund(intent, amount_in(form, intent["currency"]), form.get("metadata", {}))

    def retrieve_refund(self, form: Thing, name: str) -> Thing:
        """GET /v1/refunds/{id}"""
        if name not in self.refunds:
            raise missing("refund", name)
        return self.refunds[name]

    def list_refunds(self, form: Thing) -> list[Thing]:
        """GET /v1/refunds?payment_intent=&created[gte]="""
        found = created_since(form, newest_first(self.refunds))
        if "payment_intent" not in form:
            return found
        intent = self._intent(form["payment_intent"])
        return [one for one in found if one["payment_intent"] == intent["id"]]

    def list_disputes(self, form: Thing) -> list[Thing]:
        """GET /v1/disputes?created[gte]="""
        return created_since(form, newest_first(self.disputes))

    def create_customer(self, form: Thing) -> Thing:
        """POST /v1/customers"""
        customer = self.new("cus", "customer", self.customers) | {"metadata": form.get("metadata", {})}
        self.customers[customer["id"]] = customer
        return customer

    def create_setup_intent(self, form: Thing) -> Thing:
        """POST /v1/setup_intents"""
        self._check_customer(form.get("customer"))
        setup = self.new("seti", "setup_intent", self.setups) | {
            "customer": form.get("customer"),
            "payment_method": None,
            "status": "requires_payment_method",
            "usage": form.get("usage", "off_session"),
        }
        setup["client_secret"] = f"{setup['id']}_secret_{next(self._numbers):08d}"
        self.setups[setup["id"]] = setup
        return setup

    def list_payment_methods(self, form: Thing) -> list[Thing]:
        """GET /v1/payment_methods?customer=&type="""
        self._check_customer(form["customer"])
        return [one for one in newest_first(self.methods) if one["customer"] == form["customer"]]

    def retrieve_payment_method(self, form: Thing, name: str) -> Thing:
        """GET /v1/payment_methods/{id}"""
        if name not in self.methods:
            raise missing("PaymentMethod", name)
        return self.methods[name]

    def detach_payment_method(self, form: Thing, name: str) -> Thing:
        """POST /v1/payment_methods/{id}/detach"""
        method = self.retrieve_payment_method(form, name)
        if method["customer"] is None:
            raise Refused(400, "The payment method is not attached to a customer so detachment is impossible.")
        method["customer"] = None
        self.tell("payment_method.detached", method)
        return method
