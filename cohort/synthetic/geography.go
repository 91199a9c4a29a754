package synthetic

import "fmt"

const (
	boardsPerRegion   = 2
	districtsPerBoard = 4  // postcode districts
	areasPerDistrict  = 40 // lower layer super output areas
	areasInAll        = 9 * boardsPerRegion * districtsPerBoard * areasPerDistrict
	firstArea         = 1_900_001 // real areas stop long before E01900001
	noArea            = "Z99999999"
	boardCharacters   = "123456789ABCDEFGHI"
	postcodeLetters   = "ABDEFGHJLNPQRSTUWXYZ" // the last two letters are never C, I, K, M, O or V
)

// practice is a GP practice of the invented map, which all its patients live near.
type practice struct {
	code, board, region, district  string
	areas                          []string // LSOAs of the district
	at, district0, board0, region0 int      // places among the practices, districts, boards and regions
}

// home is where somebody lives and is registered.
type home struct {
	practice, board, region  string
	postcode, district, area string
	at                       *practice // nil before anybody settles
	areaAt                   int       // place among all areas; after the last when there is none
}

// geography draws the map: regions, their boards, the boards' practices and districts. It does not depend
// on the seed.
func geography() []share[practice] {
	var all []share[practice]
	board, district := 0, 0
	for region, r := range regions() {
		for b := range boardsPerRegion {
			sizes := listSizes()
			for n, size := range sizes {
				near := n % districtsPerBoard
				all = append(all, share[practice]{
					weight: r.weight * size,
					value: practice{
						code:     fmt.Sprintf("%c99%03d", 'A'+region, b*len(sizes)+n+1),
						board:    "QZ" + boardCharacters[board:board+1],
						region:   r.value.name,
						district: fmt.Sprintf("%s%d", r.value.postcodeArea, b*districtsPerBoard+near+1),
						areas:    areas(district + near),
						at:       len(all), district0: district + near, board0: board, region0: region,
					},
				})
			}
			board++
			district += districtsPerBoard
		}
	}
	return all
}

func areas(district int) []string {
	names := make([]string, areasPerDistrict)
	for i := range names {
		names[i] = fmt.Sprintf("E0%d", firstArea+district*areasPerDistrict+i)
	}
	return names
}

// settle draws a home. The area follows from the postcode, as a lookup would give it.
func (p *Population) settle(d *dice) home {
	at := &p.practices[p.nearby.draw(d)].value
	h := home{practice: at.code, board: at.board, region: at.region, area: noArea, at: at, areaAt: areasInAll}
	if d.chance(noAddressPercent) {
		return h
	}
	sector, first, second := d.below(len(decimal)), d.below(len(postcodeLetters)), d.below(len(postcodeLetters))
	h.district = at.district
	h.postcode = at.district + " " + string([]byte{decimal[sector], postcodeLetters[first], postcodeLetters[second]})
	area := (sector*4 + first%4) % len(at.areas)
	h.area, h.areaAt = at.areas[area], at.district0*areasPerDistrict+area
	return h
}
