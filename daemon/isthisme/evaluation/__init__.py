"""How good the engine is: edited copies, hard negatives, metrics, peers. Nothing else imports it."""
