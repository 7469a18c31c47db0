# SPDX-License-Identifier: Apache-2.0
# fish completion for evenkeel: commands, options and choices are read from its own help.
function __evenkeel_commands
    evenkeel --help 2>/dev/null | string replace -rf '^  ([a-z]+)  +(.*)' '$1\t$2'
end

function __evenkeel_options
    set -l words (commandline -opc)
    evenkeel $words[2] --help 2>/dev/null | string replace -rf '^  (--[a-z-]+)(?: \S+)?  +(.*)' '$1\t$2'
end

function __evenkeel_choices
    set -l words (commandline -opc)
    evenkeel $words[2] --help 2>/dev/null | string replace -rf '^  '$words[-1]' [A-Z]\S*.*\(([^ ()]*\|[^ ()]*)\).*' '$1' | string split '|'
end

complete -c evenkeel -n 'test (count (commandline -opc)) -eq 1' -f -a '(__evenkeel_commands)'
complete -c evenkeel -n 'test (count (commandline -opc)) -gt 1; and string match -q -- "-*" (commandline -ct)' -f -a '(__evenkeel_options)'
complete -c evenkeel -n 'test (count (commandline -opc)) -gt 1; and __evenkeel_choices | string length -q' -f -a '(__evenkeel_choices)'
