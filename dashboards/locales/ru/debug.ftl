### Фоновые задачи.

tasks-title = Фоновые задачи
tasks-name = Задача
tasks-period = Период
tasks-last = Последний запуск
tasks-result = Результат
tasks-runs = Запусков
tasks-failures = Ошибок
tasks-always = постоянно
tasks-never = ещё не запускалась
tasks-running = выполняется
tasks-failed = ошибка
tasks-done = выполнено
tasks-none = Ни одной задачи не запущено: программа только стартует или останавливается.
