// Command huikan is the whole program: the server, the demonstration, and the
// tools that work on files. Each command is one small file of this folder.
//
// Exit status: 0 good, 1 trouble was found, 2 wrong use. Errors name file and
// place on stderr; progress goes to stderr too.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"huikan/internal/app"
)

// errTrouble ends a command with status 1 after it has said everything itself.
var errTrouble = errors.New("trouble was found")

// env is what every command gets.
type env struct {
	ctx    context.Context
	out    io.Writer
	err    io.Writer
	in     io.Reader
	lang   string
	parser *kong.Kong
}

var cli struct {
	Demo     demoCmd     `cmd:"" help:"Serve a made-up institution over the real unit tree, ready to sign in. 演示"`
	Serve    serveCmd    `cmd:"" help:"Serve an installation. 运行"`
	Clean    cleanCmd    `cmd:"" help:"Repair a web copy of a text. 整理网页文本"`
	Extract  extractCmd  `cmd:"" help:"Take a meeting report or a rectification circular apart. 提取"`
	Import   importCmd   `cmd:"" help:"Put a file into an installation. 导入"`
	Link     linkCmd     `cmd:"" help:"Find the records of two registers that are about one person or one contact. 比对"`
	Screen   screenCmd   `cmd:"" help:"Hold the registers against the lawyers' and the rules of law. 从业核查"`
	Lookback lookbackCmd `cmd:"" help:"Re-run the draw of a look-back from its revealed seed. 回头看抽样"`
	Group    groupCmd    `cmd:"" help:"Find texts of one kind in a register. 归并"`
	Kit      kitCmd      `cmd:"" help:"Portable kit of a team without network. 便携检查包"`
	PSI      psiCmd      `cmd:"" name:"psi" help:"Find whom two registers share without showing either. 隐私比对"`
	Log      logCmd      `cmd:"" help:"Checkpoint, prove, copy and verify the log. 审计日志"`
	Backup   backupCmd   `cmd:"" help:"Write database and evidence to one sealed file. 备份"`
	Restore  restoreCmd  `cmd:"" help:"Make an installation from a backup. 恢复"`
	Doctor   doctorCmd   `cmd:"" help:"Examine an installation and say what to do. 体检"`
	Account  accountCmd  `cmd:"" help:"Help an administrator who cannot sign in. 账号"`
	Bench    benchCmd    `cmd:"" help:"Measure on this machine. 性能测试"`
	Simulate simulateCmd `cmd:"" help:"Run made-up terms and compare what is found with what was planted."`
	Migrate  migrateCmd  `cmd:"" help:"Bring the database schema up to date. 升级数据库"`
	Publish  publishCmd  `cmd:"" help:"Write the public reading pages into a folder. 导出公开网页"`
}

// site is how commands find an installation.
type site struct {
	Data     string `help:"Data folder." default:"./huikan-data" env:"HUIKAN_DATA" placeholder:"DIR"`
	Database string `help:"Database address; the file huikan.db of the data folder when empty." env:"HUIKAN_DATABASE" placeholder:"URL"`
}

func (s site) open(e env) (*app.App, error) {
	return app.Open(e.ctx, app.Config{Data: s.Data, Database: s.Database})
}

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

func run(args []string, in io.Reader, out, errw io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	e := env{ctx: ctx, in: in, out: out, err: errw, lang: language()}
	status := -1
	parser, err := kong.New(&cli, kong.Name("huikan"), kong.Description("回看 huikan: inspection, rectification and integrity oversight."),
		kong.Writers(out, errw), kong.Exit(func(code int) { status = code }), kong.UsageOnError(), kong.ConfigureHelp(kong.HelpOptions{Compact: true}))
	if err != nil {
		fmt.Fprintln(errw, "huikan:", err)
		return 2
	}
	e.parser = parser
	kctx, err := parser.Parse(args)
	if status >= 0 {
		return status // --help was shown
	}
	if err != nil {
		fmt.Fprintf(errw, "huikan: %v\nhuikan --help lists the commands.\n", err)
		return 2
	}
	err = kctx.Run(e)
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errTrouble):
		return 1
	}
	fmt.Fprintln(errw, "huikan:", app.Explain(err, e.lang))
	return app.ExitCode(err)
}

// language follows the shell: Chinese unless it asks for English.
func language() string {
	for _, k := range []string{"HUIKAN_LANG", "LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := os.Getenv(k); v != "" {
			if strings.HasPrefix(v, "zh") {
				return "zh"
			}
			return "en"
		}
	}
	return "zh"
}
