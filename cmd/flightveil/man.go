package main

import (
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

func newManCommand(s streams) *cobra.Command {
	return &cobra.Command{
		Use:   "man [DIR]",
		Short: "Print the manual page, or write those of all commands to a folder",
		Args:  usage(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			header := &doc.GenManHeader{Title: "FLIGHTVEIL", Section: "1", Source: "flightveil", Date: new(time.Time)}
			root := cmd.Root()
			root.DisableAutoGenTag = true
			if len(args) == 0 {
				return doc.GenMan(root, header, s.Out)
			}
			if err := os.MkdirAll(args[0], 0o755); err != nil {
				return fmt.Errorf("the folder cannot be made: %w", err)
			}
			return doc.GenManTree(root, header, args[0])
		},
	}
}
