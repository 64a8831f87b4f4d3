package dev.precast.serving.view;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The marks are set around what is in use: filling a real disk is for the rig. */
class DiskSpaceTest {
    private static final int NEVER = 101;

    @TempDir
    Path folder;

    @Test
    void look_comparesWithTheMarks() {
        assertThat(new DiskSpace(folder, NEVER, NEVER).look()).isEqualTo(DiskSpace.Level.ENOUGH);
        DiskSpace low = new DiskSpace(folder, 0, NEVER);
        assertThat(low.detail()).isEmpty();
        assertThat(low.look()).isEqualTo(DiskSpace.Level.LOW);
        assertThat(low.level()).isEqualTo(DiskSpace.Level.LOW);
        assertThat(low.used()).isBetween(0.0, 100.0);
        assertThat(low.detail()).contains("% full, 0 % or more");
        DiskSpace full = new DiskSpace(folder, 0, 0);
        assertThat(full.look()).isEqualTo(DiskSpace.Level.STOP);
        assertThat(full.detail()).contains("nothing is written until there is room");
    }

    @Test
    void look_folderThatIsNotThere_countsAsEnough() {
        DiskSpace disk = new DiskSpace(folder.resolve("gone"), 1, 2);
        assertThat(disk.look()).isEqualTo(DiskSpace.Level.ENOUGH);
    }
}
