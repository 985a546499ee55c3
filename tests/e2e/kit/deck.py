"""Draws at random, but every card is dealt before chance alone decides: what a test says came has come in every run."""


class Deck:
    def __init__(self, rng, cards, weights=None):
        """weights: how often each is dealt, and how likely it is from then on; one each if they are not given."""
        self.rng, self.cards, self.weights = rng, list(cards), list(weights or [1] * len(cards))
        self.left = [card for card, n in zip(self.cards, self.weights) for _ in range(n)]
        rng.shuffle(self.left)

    def draw(self):
        return self.left.pop() if self.left else self.rng.choices(self.cards, self.weights)[0]
