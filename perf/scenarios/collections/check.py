"""The expected value of this scenario."""


class Random:
    def __init__(self):
        self.state = 7

    def below(self, limit):
        self.state = (self.state * 1103 + 12345) % 1048576
        return self.state // 4 % limit


def combine(numbers):
    total = 0
    for number in numbers:
        total = (total * 3 + number) % 1000003
    return total


def main():
    size = 100
    random = Random()
    items = [(i % 10, i * 37 % 101) for i in range(size)]  # kind, price
    customers = [(i % 7, 18 + i * 31 % 60) for i in range(size)]  # city, age
    orders = []
    for _ in range(size * 4):
        item = items[random.below(size)]
        customer = customers[random.below(size)]
        orders.append((item, customer, 1 + random.below(9)))
    payments = [(order, order[2] * order[0][1] - order[1][1] % 5) for order in orders]
    total = 0
    for city in range(7):
        spent = sum(paid for order, paid in payments if order[1][0] == city)
        total = (total * 3 + spent) % 1000003
    for kind in range(10):
        total = (total * 3 + sum(amount for item, _, amount in orders if item[0] == kind)) % 1000003
    cheapest = combine(price * 10 + kind for kind, price in sorted(items, key=lambda item: item[1])[:50])
    dearest = combine(price * 20 + kind for kind, price in sorted(items, key=lambda item: -item[1])[:20])
    youngest = combine(age * 10 + city for city, age in sorted(customers, key=lambda customer: customer[1])[:30])
    total = (total + cheapest * 2 + dearest * 3 + youngest) % 1000003
    by_city = combine(city * 100 + age for city, age in sorted(customers))
    for least in range(80, 800, 80):
        worth = [amount * item[1] for item, _, amount in orders]
        large = sum(w >= least for w in worth)
        late = sum(paid < least for _, paid in payments)
        first = next((place for place, w in enumerate(worth) if w >= least), -1)
        some = any(paid > least for _, paid in payments)
        total = (total * 5 + by_city + large * 31 + late * 7 + first + some) % 1000003
    return total


if __name__ == "__main__":
    print(main())
