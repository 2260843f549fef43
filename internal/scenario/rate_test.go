package scenario

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestRateIsAnOptionThatIsANumber(t *testing.T) {
	s := Spec{Options: []Option{{Name: "pps", Kind: Int, Default: "0"}, {Name: "ipv6", Kind: Bool, Default: "true"}}}
	for rate, bad := range map[string]bool{"": false, "pps": false, "ipv6": true, "frames": true} {
		s.Rate = rate
		if text := s.Check().Error(); bad {
			assert.Contains(t, text, "rate "+rate+" is no option")
		} else {
			assert.NotContains(t, text, "rate")
		}
	}
}
