/* Boards whose firmware is the guest: a Forth prompt on the serial line is a real boot. */
#include "driver/boards_fixture.h"

int main(int argc, char **argv)
{
        return run_boards(argc, argv, DM_GUEST_PROMPT, 0);
}
