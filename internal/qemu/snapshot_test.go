package qemu

import (
	"os/exec"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestShellQuote(t *testing.T) {
	for _, path := range []string{"/a/b", "", "a b", "it's", "''", "$HOME `id` $(id)", "a\nb", `\"*?[x]~#!&;|<>()`, "-n", "µ", "\xff\xfe"} {
		out, err := exec.Command("sh", "-c", "printf %s "+shellQuote(path)).Output()
		require.NoError(t, err, "%q", path)
		assert.Equal(t, path, string(out))
	}
}

func TestSaveNeedsItsMemoryFile(t *testing.T) {
	vm := &VM{Config: Config{Snapshot: MemoryFile("/one")}}
	require.ErrorContains(t, vm.Save(t.Context(), "/other"), "does not keep its memory in /other")
}

func TestSaveAndRestoreOverQMP(t *testing.T) {
	for name, c := range map[string]struct{ answer, want string }{
		"completed": {`{"return":{"status":"completed"}}`, ""},
		"failed":    {`{"return":{"status":"failed","error-desc":"disk full"}}`, "migration failed disk full"},
		"refused":   {`{"error":{"class":"GenericError","desc":"no such thing"}}`, "no such thing"},
	} {
		t.Run(name, func(t *testing.T) {
			polls := 0
			s := serve(t, func(command string) string {
				if command != "query-migrate" {
					return ok
				}
				if polls++; polls == 1 {
					return `{"return":{"status":"active"}}`
				}
				return c.answer
			})
			q, err := NewQMP(t.Context(), s.client)
			require.NoError(t, err)
			vm := &VM{QMP: q, Config: Config{Snapshot: MemoryFile("/it's"), Restore: "/it's"}}
			err = vm.Save(t.Context(), "/it's")
			if c.want != "" {
				require.ErrorContains(t, err, "save snapshot: ")
				require.ErrorContains(t, err, c.want)
				return
			}
			require.NoError(t, err)
			require.NoError(t, vm.restore(t.Context()))
			assert.Equal(t, []string{"qmp_capabilities", "stop", "migrate-set-capabilities", "migrate", "query-migrate",
				"query-migrate", "migrate-set-capabilities", "migrate-incoming", "query-migrate", "cont"}, s.commands())
			assert.Equal(t, `{"uri":"exec:cat \u003e '/it'\\''s/state'"}`, s.arguments("migrate"))
			assert.Equal(t, `{"uri":"exec:cat '/it'\\''s/state'"}`, s.arguments("migrate-incoming"))
		})
	}
}
