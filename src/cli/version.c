#include "cli/version.h"

#include "cli/report.h"
#include "run/machine.h"
#include "run/provenance.h"

int version_print(void)
{
    char cpu[256];
    struct text out = {0};
    text_format(&out, "basin %s (%s)\n", provenance_version(), provenance_commit());
    text_format(&out, "compiler   %s %s\n", provenance_compiler(), provenance_flags());
    text_format(&out, "libraries  %s\n", provenance_libraries());
    text_format(&out, "kernels    %s\n", provenance_dispatch());
    text_format(&out, "processor  %s, %d cores usable, instructions %s\n",
                machine_cpu(cpu, sizeof cpu), machine_cores(), provenance_isa());
    return report_output(&out, 0);
}
