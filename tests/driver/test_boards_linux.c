/* Linux, out of Debian's packages, on every architecture that has it. */
#include "driver/boards_fixture.h"

int main(int argc, char **argv)
{
        return run_boards(argc, argv, DM_GUEST_SHELL, 0);
}
