from pipeline.evaluation.statistics import Answer, bootstrap, calibration_error, coverage_at


def answers(confidence: float, right: int, wrong: int) -> list[Answer]:
    return [Answer(confidence, True, True)] * right + [Answer(confidence, False, True)] * wrong


def test_confidence_that_means_what_it_says_has_no_calibration_error() -> None:
    assert calibration_error(answers(0.9, 9, 1) + answers(0.6, 6, 4)) < 1e-9


def test_overconfidence_shows_as_calibration_error() -> None:
    assert abs(calibration_error(answers(0.97, 74, 26)) - 0.23) < 1e-9


def test_coverage_is_the_share_that_stays_right_often_enough() -> None:
    coverage = coverage_at(answers(0.99, 98, 2) + answers(0.5, 50, 50), 0.98)
    assert coverage == (0.5, 0.99)


def test_answers_of_equal_confidence_stand_or_fall_together() -> None:
    assert coverage_at(answers(0.9, 50, 50), 0.98).share == 0.0


def test_the_bootstrap_interval_holds_the_figure_and_narrows_with_more_contracts() -> None:
    def share(items: object) -> float:
        assert isinstance(items, list)
        return sum(items) / len(items)

    few = bootstrap([1, 0] * 10, share)
    many = bootstrap([1, 0] * 500, share)
    assert few.low < 0.5 < few.high
    assert many.high - many.low < few.high - few.low
