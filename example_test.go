package nhs_test

import (
	"fmt"

	"github.com/personalised-prevention/nhs"
)

func ExampleParseNumber() {
	n, err := nhs.ParseNumber("999 000 0018")
	fmt.Println(n, err)      // hides itself
	fmt.Println(n.Display()) // shown on purpose
	fmt.Println(n.Reveal())  // as wires carry it
	_, err = nhs.ParseNumber("999 000 0019")
	fmt.Println(err)
	// Output:
	// [NHS number] <nil>
	// 999 000 0018
	// 9990000018
	// NHS number has a wrong check digit
}

func ExampleParseDate() {
	for _, text := range []string{"1932-05-17", "1932-05", "1932"} {
		d, err := nhs.ParseDate(text)
		year, month, day := d.Parts()
		fmt.Println(d, d.Whole(), year, int(month), day, err)
	}
	// Output:
	// 1932-05-17 true 1932 5 17 <nil>
	// 1932-05 false 1932 5 0 <nil>
	// 1932 false 1932 0 0 <nil>
}
