// SPDX-License-Identifier: GPL-2.0
#include "user/cli/cmd.h"
#include "user/cli/complain.h"
#include "user/cli/lookups.h"
#include "user/cli/trace_live.h"
#include "user/cli/trace_replay.h"

int cmd_trace(int argc, char *const *argv)
{
    struct trace_options options;
    struct strbuf reason = {0};
    int result = trace_options_parse(argc, argv, &options, &reason);

    if (!result && options.help)
        return print_help(&trace_syntax);
    if (!result && options.read)
        result = lookup_file_filter(&options, &reason);
    else if (!result)
        result = lookup_live_filter(&options, &reason);
    if (result)
        return complain_usage(trace_syntax.command, &reason);
    return options.read ? trace_replay(&options) : trace_live(&options);
}
