//go:build linux

package guest

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"brink/internal/guest"
)

// The modules' parameters: since 2.2 icp is a part of zfs.
var parameterFolders = []string{"/sys/module/zfs/parameters/", "/sys/module/icp/parameters/"}

// parameter returns the file of a module parameter.
func parameter(name string) (string, error) {
	for _, dir := range parameterFolders {
		if _, err := os.Stat(dir + name); err == nil {
			return dir + name, nil
		}
	}
	return "", fmt.Errorf("%w: the ZFS modules have no parameter %s", guest.ErrScenario, name)
}

// offer is what a parameter of implementations says: "cycle [fastest] avx generic pclmulqdq".
type offer struct {
	all    []string
	chosen string // the one in brackets
}

func parseOffer(text string) (o offer) {
	for _, word := range strings.Fields(text) {
		name := strings.Trim(word, "[]")
		if name != word {
			o.chosen = name
		}
		o.all = append(o.all, name)
	}
	return o
}

func readOffer(name string) (offer, error) {
	path, err := parameter(name)
	if err != nil {
		return offer{}, err
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return offer{}, fmt.Errorf("%w: read %s: %w", guest.ErrScenario, name, err)
	}
	return parseOffer(string(text)), nil
}

// fastest are the implementations in the order in which "fastest" takes the first that the CPU allows; there is no benchmark
// (module/icp/algs/modes/gcm.c, module/icp/algs/aes/aes_impl.c).
var fastest = []string{"avx2-vaes", "avx", "aesni", "pclmulqdq", "x86_64", "generic"}

// used is the implementation that works, where "fastest" is chosen the one that it stands for.
func (o offer) used() string {
	if o.chosen != "fastest" {
		return o.chosen
	}
	for _, name := range fastest {
		if slices.Contains(o.all, name) {
			return name
		}
	}
	return o.chosen
}

// code is what there is to choose from, without the words for "one after the other" and "the first that the CPU allows".
func (o offer) code() []string {
	return slices.DeleteFunc(slices.Clone(o.all), func(name string) bool { return name == "cycle" || name == "fastest" })
}

// chooseGCM tells the modules which code to use for GCM.
func chooseGCM(impl string) error {
	o, err := readOffer("icp_gcm_impl")
	if err != nil {
		return err
	}
	if !slices.Contains(o.all, impl) {
		return fmt.Errorf("%w: impl=%s cannot be had: the modules offer %s on this CPU; take one of them", guest.ErrSettings, impl, strings.Join(o.code(), ", "))
	}
	path, err := parameter("icp_gcm_impl")
	if err != nil {
		return err
	}
	return guest.WriteFile(path, impl)
}
