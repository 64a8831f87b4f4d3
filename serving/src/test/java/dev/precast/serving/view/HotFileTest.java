package dev.precast.serving.view;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HotFileTest {
    private static final int CAPACITY = 64 << 10;
    private static final long STAMP = 7;

    @TempDir
    private Path folder;

    private FileChannel channel;
    private HotFile file;

    @BeforeEach
    void open() throws IOException {
        channel = FileChannel.open(
                folder.resolve("hot"),
                StandardOpenOption.CREATE_NEW,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE);
        file = new HotFile(channel, CAPACITY);
    }

    @AfterEach
    void close() throws IOException {
        file.close();
    }

    @Test
    void get_whatWasPut() {
        put("a/b:v1", "one");
        put("a/b:v2", "");
        assertThat(get("a/b:v1", STAMP)).isEqualTo("one");
        assertThat(get("a/b:v2", STAMP)).isEmpty();
        assertThat(get("a/b:v3", STAMP)).isNull();
    }

    @Test
    void get_withAnotherStamp() {
        put("a/b:v1", "one");
        assertThat(get("a/b:v1", STAMP + 1)).isNull();
    }

    @Test
    void put_takesThePlaceOfWhatWasThere() {
        put("a/b:v1", "one");
        put("a/b:v1", "two");
        assertThat(get("a/b:v1", STAMP)).isEqualTo("two");
    }

    @Test
    void put_ofMoreThanFits_forgetsTheOldest() {
        String value = "x".repeat(1_000);
        for (int i = 0; i < 1_000; i++) {
            put("tag" + i, i + value);
        }
        assertThat(get("tag0", STAMP)).isNull();
        assertThat(get("tag999", STAMP)).isEqualTo(999 + value);
        for (int i = 0; i < 1_000; i++) {
            assertThat(get("tag" + i, STAMP)).isIn(i + value, null);
        }
    }

    @Test
    void put_ofMoreThanTheFileHolds() {
        put("large", "x".repeat(CAPACITY));
        assertThat(get("large", STAMP)).isNull();
    }

    @Test
    void get_neverGivesWhatWasDamaged() throws IOException {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        put("a/b:v1", "the manifest of the tag");
        int size = (int) channel.size();
        for (int at = 0; at < size; at++) {
            ByteBuffer one = ByteBuffer.allocate(1);
            channel.read(one, at);
            byte intact = one.get(0);
            byte flipped = (byte) (intact ^ 1 << random.nextInt(8));
            channel.write(ByteBuffer.wrap(new byte[] {flipped}), at);
            assertThat(get("a/b:v1", STAMP)).as("byte %d, seed %d", at, seed).isIn("the manifest of the tag", null);
            channel.write(ByteBuffer.wrap(new byte[] {intact}), at);
        }
        assertThat(get("a/b:v1", STAMP)).isEqualTo("the manifest of the tag");
    }

    @Test
    void detach_keepsWhatWasGot() {
        put("a/b:v1", "one");
        put("a/b:v2", "two");
        ByteBuffer first = Objects.requireNonNull(file.get("a/b:v1".getBytes(UTF_8), STAMP));
        file.detach();
        assertThat(get("a/b:v2", STAMP)).isEqualTo("two");
        assertThat(UTF_8.decode(first).toString()).isEqualTo("one");
    }

    @Test
    void get_ofALongValue() {
        String value = "x".repeat(CAPACITY - 100);
        put("a/b:v1", value);
        assertThat(get("a/b:v1", STAMP)).isEqualTo(value);
    }

    @Test
    void get_afterTheFileWasClosed() throws IOException {
        put("a/b:v1", "one");
        file.close();
        assertThat(get("a/b:v1", STAMP)).isNull();
        put("a/b:v2", "two");
    }

    @Test
    void diskLow_takesNothingMore() throws IOException {
        put("a/b:v1", "one");
        long size = channel.size();
        file.room(DiskSpace.Level.LOW);
        assertThat(file.usable()).isFalse();
        put("a/b:v2", "two");
        assertThat(get("a/b:v1", STAMP)).isEqualTo("one");
        assertThat(get("a/b:v2", STAMP)).isNull();
        assertThat(channel.size()).isEqualTo(size);
    }

    @Test
    void diskFull_givesUpItsRoom_andGoesOnWhenThereIsSome() throws IOException {
        put("a/b:v1", "one");
        file.room(DiskSpace.Level.STOP);
        assertThat(channel.size()).isZero();
        assertThat(get("a/b:v1", STAMP)).isNull();
        file.room(DiskSpace.Level.ENOUGH);
        assertThat(get("a/b:v1", STAMP)).isNull();
        put("a/b:v2", "two");
        assertThat(get("a/b:v2", STAMP)).isEqualTo("two");
    }

    private void put(String key, String value) {
        file.put(key.getBytes(UTF_8), STAMP, ByteBuffer.wrap(value.getBytes(UTF_8)));
    }

    private @Nullable String get(String key, long stamp) {
        ByteBuffer value = file.get(key.getBytes(UTF_8), stamp);
        return value == null ? null : UTF_8.decode(value).toString();
    }
}
