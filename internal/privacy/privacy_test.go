package privacy

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"flightveil/internal/geo"
)

func TestSecretNeverPrints(t *testing.T) {
	s := Secret("CANARY")
	b, _ := json.Marshal(map[string]any{"v": s})
	all := fmt.Sprintf("%v %s %q %#v %+v %s", s, s, s, s, Finding{Value: s}, b)
	if strings.Contains(all, "CANARY") {
		t.Error(all)
	}
}

func TestDecide(t *testing.T) {
	p := Policy{Rules: map[Class]Action{Location: Coarsen, Time: Coarsen, Altitude: Coarsen, Exposure: Keep}}
	at := &geo.Point{Lat: 1, Lon: 2}
	for _, c := range []struct {
		f    Finding
		want Action
	}{
		{Finding{Class: Technical}, Keep},
		{Finding{Class: Exposure}, Keep},
		{Finding{Class: Location, Where: at}, Coarsen},
		{Finding{Class: Location}, Remove}, // half a position cannot be moved
		{Finding{Class: Location, Where: &geo.Point{Lat: 91}}, Remove},
		{Finding{Class: Time}, Coarsen},
		{Finding{Class: Altitude}, Remove}, // a height has no coarse form
		{Finding{Class: Identity}, Remove},
		{Finding{Class: "new class"}, Remove},
	} {
		if got := p.Decide(c.f); got != c.want {
			t.Errorf("%s: %s, want %s", c.f.Class, got, c.want)
		}
	}
}

func TestDecideDisplaced(t *testing.T) {
	p := Policy{Rules: map[Class]Action{Location: Displace, Operator: Displace, Time: Displace, Altitude: Displace, Identity: Displace, Attitude: Displace}}
	at := &geo.Point{Lat: 1, Lon: 2}
	for _, c := range []struct {
		f    Finding
		want Action
	}{
		{Finding{Class: Location, Where: at}, Displace},
		{Finding{Class: Operator, Where: at}, Displace},
		{Finding{Class: Location}, Remove}, // half a position cannot be moved
		{Finding{Class: Location, Where: &geo.Point{Lat: 91}}, Remove},
		{Finding{Class: Time}, Displace},
		{Finding{Class: Altitude}, Displace},
		{Finding{Class: Identity}, Remove}, // nothing else has a displaced form
		{Finding{Class: Attitude}, Remove},
	} {
		if got := p.Decide(c.f); got != c.want {
			t.Errorf("%s: %s, want %s", c.f.Class, got, c.want)
		}
	}
	if _, err := ParseProfile("bad", []byte("[rules]\nlocation = 'displace'")); err == nil {
		t.Error("a profile displaces: where to, it cannot say")
	}
}

func TestProfiles(t *testing.T) {
	for _, name := range EmbeddedProfiles() {
		p, err := LoadProfile(name, nil)
		if err != nil {
			t.Error(err)
		}
		if name != "everything" && p.Rules[Identity] == Keep {
			t.Errorf("%s keeps serial numbers", name)
		}
	}
	every, _ := LoadProfile("everything", nil)
	for _, c := range Classes {
		if every.Policy().Decide(Finding{Class: c}) != Keep {
			t.Errorf("everything does not keep %s", c)
		}
	}
	user := fstest.MapFS{"mine.toml": {Data: []byte("about = 'x'\n[rules]\ntime = 'keep'\n")}}
	if p, err := LoadProfile("mine", user); err != nil || p.Rules[Time] != Keep {
		t.Error(p, err)
	}
	for _, bad := range []string{"[rules]\ntiem = 'keep'", "[rules]\ntime = 'sometimes'", "colour = 1", "cell = '1'", "names = 'x'", "[rules]\ntechnical='remove'"} {
		if _, err := ParseProfile("bad", []byte(bad)); err == nil {
			t.Errorf("%q accepted", bad)
		}
	}
	for _, name := range []string{"nosuch", "../profiles/public", "", "."} {
		if _, err := LoadProfile(name, user); err == nil {
			t.Errorf("profile %q found", name)
		}
	}
}
