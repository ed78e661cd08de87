package main

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"flightveil/internal/sandbox"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// commands returns all commands below c that do something.
func commands(c *cobra.Command) []*cobra.Command {
	var out []*cobra.Command
	for _, sub := range c.Commands() {
		if sub.Runnable() {
			out = append(out, sub)
		}
		out = append(out, commands(sub)...)
	}
	return out
}

func rootForTest() *cobra.Command {
	return newGuardedCommand(streams{strings.NewReader(""), io.Discard, io.Discard}, &confinement{})
}

// TestEveryCommandIsConfined runs every command with as many arguments as it
// takes. None gets past the sandbox, and none has a hook that would come first.
func TestEveryCommandIsConfined(t *testing.T) {
	t.Chdir(t.TempDir())
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	refusal := errors.New("the sandbox said no")
	for _, c := range commands(rootForTest()) {
		if c.PersistentPreRun != nil || c.PersistentPreRunE != nil || c.PreRun != nil || c.PreRunE != nil {
			t.Errorf("%s: has a hook that comes before the sandbox, or in its place", c.CommandPath())
		}
		entered := 0
		for n := range 4 {
			args := append(strings.Fields(commandName(c)), []string{"a", "b", "c"}[:n]...)
			ctx := confined(t.Context(), func(m sandbox.Mode, _ sandbox.Paths) (sandbox.State, error) {
				entered++
				if m != sandbox.Best {
					t.Errorf("%s: level %s without being asked", c.CommandPath(), m)
				}
				return sandbox.State{}, refusal
			})
			var out strings.Builder
			before := entered
			code := run(ctx, args, streams{strings.NewReader(""), &out, &out})
			if entered == before && code != exitUsage || entered > before && !strings.Contains(out.String(), refusal.Error()) {
				t.Errorf("%v: exit %d without the sandbox:\n%s", args, code, &out)
			}
		}
		if entered == 0 {
			t.Errorf("%s: never entered the sandbox", c.CommandPath())
		}
	}
}

// TestEveryPathIsKnown wants each flag that takes text to be known as a path or
// as something else: a new one must not be forgotten.
func TestEveryPathIsKnown(t *testing.T) {
	words := strings.Fields(`cell drop home keep location profile from fail-on color names times to since until epsilon recipient exclude max-size only time sandbox zone mechanism album`)
	for _, c := range commands(rootForTest()) {
		c.Flags().VisitAll(func(f *pflag.Flag) {
			switch f.Value.Type() {
			case "string", "stringArray", "stringSlice":
			default:
				return
			}
			path := accessOf(c, f.Name) != noPath
			if !path && !slices.Contains(words, f.Name) {
				t.Errorf("%s --%s: is it a path? Add it to accessOf, or to the words of this test", c.CommandPath(), f.Name)
			}
		})
	}
}

func TestSandboxFlag(t *testing.T) {
	var out strings.Builder
	s := streams{strings.NewReader(""), &out, &out}
	if code := run(context.Background(), []string{"profile", "ls", "--sandbox", "some"}, s); code != exitUsage || !strings.Contains(out.String(), "best, require or off") {
		t.Errorf("exit %d: %s", code, &out)
	}
	for _, level := range []sandbox.Mode{sandbox.Best, sandbox.Require, sandbox.Off} {
		var got sandbox.Mode
		ctx := confined(t.Context(), func(m sandbox.Mode, _ sandbox.Paths) (sandbox.State, error) {
			got = m
			return sandbox.State{}, nil
		})
		if code := run(ctx, []string{"profile", "ls", "--sandbox", string(level)}, s); code != exitOK || got != level {
			t.Errorf("--sandbox %s: exit %d, level %q", level, code, got)
		}
	}
}
