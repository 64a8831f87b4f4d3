package dev.precast.serving.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ShardTest {
    @Test
    void parse_numberAndCount() {
        assertThat(Shard.parse("2/8")).isEqualTo(new Shard(2, 8)).hasToString("2/8");
        assertThat(Shard.parse("1/1")).isEqualTo(Shard.WHOLE);
    }

    @Test
    void parse_whatIsNoShard() {
        for (String text : new String[] {"", "2", "0/8", "9/8", "-1/8", "2/0", "2/8 ", "a/b"}) {
            assertThatIllegalArgumentException()
                    .as(text)
                    .isThrownBy(() -> Shard.parse(text))
                    .withMessageContaining("expected for example 2/8");
        }
    }

    @Test
    void holds_everyPartitionInOneShard() {
        for (int count : new int[] {1, 2, 3, 8}) {
            for (int partition = 0; partition < 16; partition++) {
                int held = partition;
                assertThat(IntStream.rangeClosed(1, count).filter(i -> new Shard(i, count).holds(held)))
                        .hasSize(1);
            }
        }
    }

    @Test
    void of_theShardThatHoldsTheRepository() {
        for (int i = 0; i < 100; i++) {
            String repository = "team/app" + i;
            assertThat(new Shard(1, 4).of(repository, 16).holds(repository, 16)).isTrue();
        }
    }
}
