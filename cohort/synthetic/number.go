package synthetic

// MaxPeople is the size of the largest population.
const MaxPeople = 100_000_000

// MaxNumbers is the size of the largest population with NHS numbers: as many as are made here, 999 000 0000 to
// 999 899 9999. The rest of the block for test people, from 999 900 0000, is left to the test people of
// those who use a population. In a larger population nobody has a number; everybody has a pseudonym of 12
// digits or more, from 100 000 000 000 on.
const MaxNumbers = 9 * numberBlocks

// numberBlocks counts the numbers' first eight digits: 999 and five more, to 99989999. In each block of ten
// numbers at least nine have a check digit, and nine are used.
const numberBlocks = 90_000

const decimal = "0123456789"

// numbers hands every index a number of its own, in an order that the seed decides.
type numbers struct{ step, back, start int }

func newNumbers(seed uint64) numbers {
	d := newDice(seed, 0, topicNumber)
	// A step that shares no factor with MaxNumbers (2, 3 and 5 are its only primes) visits every place once.
	residues := [...]int{1, 7, 11, 13, 17, 19, 23, 29}
	n := numbers{step: 30*d.below(MaxNumbers/30) + residues[d.below(len(residues))]}
	n.start = d.below(MaxNumbers)
	n.back = inverse(n.step, MaxNumbers)
	return n
}

// inverse returns what a number is to be multiplied with to give 1, modulo n.
func inverse(of, n int) int {
	a, b, x, y := of%n, n, 1, 0
	for a > 1 {
		q := a / b
		a, b, x, y = b, a-q*b, y, x-q*y
	}
	return (x%n + n) % n
}

// index returns the person at a place: the reverse of what at begins with.
func (n numbers) index(place int) int {
	return (place + MaxNumbers - n.start) % MaxNumbers * n.back % MaxNumbers
}

// at returns the NHS number of person i as ten digits.
func (n numbers) at(i int) string {
	place := (n.start + n.step*i) % MaxNumbers
	block, slot := place/9, place%9
	digits := []byte("9990000000")
	for at := 7; at >= 3; at-- {
		digits[at] = decimal[block%10]
		block /= 10
	}
	for ; ; digits[8]++ {
		check := checkDigit(digits[:9])
		if check == 10 { // no such number is issued
			continue
		}
		if slot == 0 {
			digits[9] = decimal[check]
			return string(digits)
		}
		slot--
	}
}

// checkDigit is modulus 11 with the weights 10 to 2; 10 means that there is no check digit. Source: NHS Data
// Dictionary, NHS NUMBER.
func checkDigit(digits []byte) int {
	sum := 0
	for i, digit := range digits {
		sum += (10 - i) * int(digit-'0')
	}
	return (11 - sum%11) % 11
}
